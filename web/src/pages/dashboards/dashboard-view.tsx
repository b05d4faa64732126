// A dashboard: looked at, changed, shared, on a wall.
import { ActionIcon, Alert, Badge, Button, Group, Menu, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowsMaximize, IconArrowsMinimize, IconDots, IconPencil, IconPlus, IconShare } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { dashboardKeys, deleteDashboard, type Dashboard } from '@/api/dashboards';
import { useTell } from '@/app/notices';
import { ConfirmDelete } from '@/components/confirm-delete';
import { Dialog } from '@/components/form';
import { Page } from '@/components/page';
import { Empty } from '@/components/states';
import { useMessages } from '@/i18n';
import { DetailsForm } from './details-form';
import { defaultSize, panels_max, type DashboardDocument, type Kind, type Panel } from './document';
import { useEditor } from './editor';
import { exportDashboard } from './file';
import { Grid } from './grid';
import { LiveReadings } from './live-readings';
import { fall, freePlace, place } from './layout';
import { PanelFrame, titleOf } from './panel-frame';
import { KindChoice, PanelForm } from './panel-form';
import { PlaceForm } from './place-form';
import { boundsOf, liveBoundsOf, rangeOfBounds } from './range';
import { RangeBar } from './range-bar';
import { ShareForm } from './share-form';
import { Unsaved } from './unsaved';
import { useTick } from './use-tick';
import { keepView, useView } from './use-view';
import { VariableBar } from './variable-bar';
import { VariablesForm } from './variables-form';
import classes from './wall.module.css';

/** Nobody presses a button on a wall. */
const wall_refresh_s = 30;
/** Of panels that are no list of readings, where those of readings follow them. */
const live_refresh_s = 5;

type Open =
  | { dialog: 'kind' | 'details' | 'share' | 'variables' | 'remove' }
  | { dialog: 'panel'; kind: Kind; panel?: Panel }
  | { dialog: 'place'; panel: Panel };

function freeId(panels: readonly Panel[]): string {
  for (let at = panels.length + 1; ; ++at) if (!panels.some((panel) => panel.id === `p${at}`)) return `p${at}`;
}

export function DashboardView({ dashboard, saved }: { dashboard: Dashboard; saved: DashboardDocument }) {
  const { common, dashboards } = useMessages();
  const tell = useTell();
  const navigate = useNavigate();
  const client = useQueryClient();
  const editor = useEditor(dashboard, saved, () => tell(common.saved));
  const { document } = editor;
  // What a viewer of a shared dashboard may not see otherwise does not come by itself.
  const mayFollow = dashboard.may_change;
  const view = useView(document, mayFollow);
  const isLive = view.refresh === 'live' && 'last' in view.range;
  const refresh_s = view.refresh === 'live' ? (isLive ? live_refresh_s : null) : view.refresh;
  const [now_ms, refresh] = useTick(view.isWall ? (refresh_s ?? wall_refresh_s) : refresh_s);
  const bounds = useMemo(() => boundsOf(view.range, now_ms), [view.range, now_ms]);
  const { from_ms, to_ms } = liveBoundsOf(bounds);
  const shown_ms = bounds.to_ms - bounds.from_ms;
  const live = useMemo(
    () => (isLive ? { bounds: { from_ms, to_ms }, shown_ms } : undefined),
    [isLive, from_ms, to_ms, shown_ms],
  );
  const [isFollowing, setFollowing] = useState(true);
  const [isEditing, editing] = useDisclosure(editor.isDirty);
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const mayEdit = dashboard.may_change && !view.isWall;
  const edits = mayEdit && isEditing;
  const page = useRef<HTMLDivElement>(null);

  const setPanels = (panels: Panel[]) => editor.change((present) => ({ ...present, panels }));
  const titles = (panel: Panel) =>
    titleOf(
      panel,
      panel.sensors.map((index) => ({ name: panel.labels?.[index]?.name || index })),
      dashboards.kinds,
    );
  const actions = {
    edit: (panel: Panel) => setOpen({ dialog: 'panel', kind: panel.kind, panel }),
    measure: (panel: Panel) => setOpen({ dialog: 'place', panel }),
    duplicate: (panel: Panel) => {
      const id = freeId(document.panels);
      setPanels([...document.panels, { ...panel, id, ...freePlace(document.panels, panel) }]);
      tell(dashboards.duplicated(titles(panel)));
    },
    remove: (panel: Panel) => {
      setPanels(fall(document.panels.filter((each) => each.id !== panel.id)));
      tell(dashboards.panelRemoved(titles(panel)));
    },
  };

  const finish = (kind: Kind, panel: Panel | undefined, parts: object) => {
    const { panels } = document;
    if (panel) {
      const { x, y, w, h, id } = panel;
      setPanels(panels.map((each) => (each.id === id ? ({ kind, id, x, y, w, h, ...parts } as Panel) : each)));
    } else {
      const id = freeId(panels);
      setPanels([...panels, { kind, id, ...freePlace(panels, defaultSize[kind]), ...parts } as Panel]);
    }
    close();
  };

  const toWall = async () => {
    view.setWall(true);
    // Where a browser does not let it, the wall fills the window.
    await window.document.documentElement.requestFullscreen?.().catch(() => undefined);
  };
  const fromWall = async () => {
    view.setWall(false);
    if (window.document.fullscreenElement) await window.document.exitFullscreen();
  };

  const panels =
    document.panels.length === 0 ? (
      <Empty text={mayEdit ? dashboards.noPanels : dashboards.noPanelsToSee}>
        {mayEdit && (
          <Button
            onClick={() => {
              editing.open();
              setOpen({ dialog: 'kind' });
            }}
          >
            {dashboards.addPanel}
          </Button>
        )}
      </Empty>
    ) : (
      <Grid panels={document.panels} titleOf={titles} onChange={edits ? setPanels : undefined}>
        {(panel, handle) => (
          <PanelFrame
            panel={panel}
            document={document}
            variables={view.variables}
            bounds={bounds}
            live={live}
            onBounds={view.isWall ? undefined : (next) => view.setRange(rangeOfBounds(next))}
            dashboard={dashboard.may_change ? undefined : dashboard.id}
            actions={edits ? actions : undefined}
            handle={handle}
          />
        )}
      </Grid>
    );
  const grid = (
    <LiveReadings isOn={isLive} onOpen={setFollowing}>
      {isLive && !isFollowing && (
        <Alert color="red" role="alert" mb="sm" p="xs">
          {dashboards.liveBroken}
        </Alert>
      )}
      {panels}
    </LiveReadings>
  );

  if (view.isWall) {
    return <Wall title={dashboard.name} content={grid} onLeave={() => void fromWall()} />;
  }
  return (
    <Page
      title={dashboard.name}
      above={[{ to: '/dashboards', label: dashboards.title }]}
      actions={
        <>
          {!dashboard.may_change && (
            <Badge variant="default" tt="none">
              {dashboards.viewOnly}
            </Badge>
          )}
          {edits && (
            <Button
              variant="default"
              leftSection={<IconPlus size={16} aria-hidden />}
              disabled={document.panels.length >= panels_max}
              onClick={() => setOpen({ dialog: 'kind' })}
            >
              {dashboards.addPanel}
            </Button>
          )}
          {edits && (
            <Button
              onClick={editor.isDirty ? editor.save : editing.close}
              loading={editor.isSaving}
              variant={editor.isDirty ? 'filled' : 'default'}
            >
              {editor.isDirty ? common.save : dashboards.done}
            </Button>
          )}
          {mayEdit && !isEditing && (
            <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={editing.open}>
              {common.edit}
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<IconShare size={16} aria-hidden />}
            onClick={() => setOpen({ dialog: 'share' })}
          >
            {dashboards.share}
          </Button>
          <Tooltip label={dashboards.wall}>
            <ActionIcon variant="default" size={36} aria-label={dashboards.wall} onClick={() => void toWall()}>
              <IconArrowsMaximize size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="default" size={36} aria-label={common.actions}>
                <IconDots size={18} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {edits && (
                <>
                  <Menu.Item onClick={() => setOpen({ dialog: 'variables' })}>{dashboards.variables}</Menu.Item>
                  <Menu.Item
                    onClick={() => {
                      editor.change((present) => keepView(present, view));
                      tell(dashboards.viewKept);
                    }}
                  >
                    {dashboards.keepView}
                  </Menu.Item>
                  <Menu.Divider />
                </>
              )}
              {mayEdit && (
                <Menu.Item onClick={() => setOpen({ dialog: 'details' })}>{dashboards.editDetails}</Menu.Item>
              )}
              <Menu.Item
                onClick={() => exportDashboard({ name: dashboard.name, description: dashboard.description, document })}
              >
                {dashboards.export}
              </Menu.Item>
              {mayEdit && (
                <Menu.Item onClick={() => setOpen({ dialog: 'remove' })}>{dashboards.deleteDashboard}</Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        </>
      }
    >
      <div ref={page}>
        {dashboard.description && (
          <Text mb="sm" className="quiet">
            {dashboard.description}
          </Text>
        )}
        <Unsaved editor={editor} dashboard={dashboard} onDiscarded={editing.close} />
        <Group mb="sm" justify="space-between">
          <RangeBar view={view} now_ms={now_ms} onRefresh={refresh} mayFollow={mayFollow} />
        </Group>
        <VariableBar variables={document.variables} view={view} />
        {grid}
      </div>
      <Dialog title={dashboards.chooseKind} opened={open?.dialog === 'kind'} onClose={close} size="lg">
        <KindChoice onChosen={(kind) => setOpen({ dialog: 'panel', kind })} />
      </Dialog>
      <Dialog
        title={open?.dialog === 'panel' ? dashboards.kinds[open.kind] : ''}
        opened={open?.dialog === 'panel'}
        onClose={close}
        size="lg"
      >
        {open?.dialog === 'panel' && (
          <PanelForm
            dashboard={dashboard.id}
            kind={open.kind}
            panel={open.panel}
            variables={document.variables}
            onCancel={close}
            onDone={(parts) => finish(open.kind, open.panel, parts)}
          />
        )}
      </Dialog>
      <Dialog title={dashboards.placeAndSize} opened={open?.dialog === 'place'} onClose={close}>
        {open?.dialog === 'place' && (
          <PlaceForm
            dashboard={dashboard.id}
            panel={open.panel}
            onCancel={close}
            onDone={(to) => {
              setPanels(place(document.panels, open.panel.id, to));
              close();
            }}
          />
        )}
      </Dialog>
      <Dialog title={dashboards.variables} opened={open?.dialog === 'variables'} onClose={close} size="lg">
        <VariablesForm
          document={document}
          onCancel={close}
          onDone={(variables) => {
            editor.change((present) => ({ ...present, variables }));
            close();
          }}
        />
      </Dialog>
      <Dialog title={dashboards.editDetails} opened={open?.dialog === 'details'} onClose={close}>
        <DetailsForm
          dashboard={dashboard}
          onCancel={close}
          onSaved={(changed) => {
            editor.follow(changed);
            tell(common.saved);
            close();
          }}
        />
      </Dialog>
      <Dialog title={dashboards.share} opened={open?.dialog === 'share'} onClose={close}>
        <ShareForm
          dashboard={dashboard}
          hasVariables={document.panels.some((panel) => panel.device !== undefined)}
          onChanged={editor.follow}
          onClose={close}
        />
      </Dialog>
      <ConfirmDelete
        title={dashboards.deleteDashboard}
        name={dashboard.name}
        opened={open?.dialog === 'remove'}
        onClose={close}
        remove={() => deleteDashboard(dashboard.id)}
        onRemoved={() => {
          editor.discard();
          client.removeQueries({ queryKey: dashboardKeys.one(dashboard.id) });
          void client.invalidateQueries({ queryKey: [...dashboardKeys.all, 'list'] });
          tell(dashboards.deleted(dashboard.name));
          void navigate({ to: '/dashboards', ignoreBlocker: true });
        }}
      >
        {dashboards.deleteLoss(document.panels.length, dashboard.visibility === 'users')}
      </ConfirmDelete>
    </Page>
  );
}

/** Nothing but the panels, and a way back. */
function Wall({ title, content, onLeave }: { title: string; content: React.ReactNode; onLeave: () => void }) {
  const { common, dashboards } = useMessages();
  useEffect(() => {
    document.title = `${title} · ${common.product}`;
  }, [title, common]);
  return (
    <>
      <h1 className="visually-hidden" tabIndex={-1}>
        {title}
      </h1>
      {content}
      <Tooltip label={dashboards.leaveWall}>
        <ActionIcon
          className={classes.leave}
          variant="default"
          size={36}
          aria-label={dashboards.leaveWall}
          onClick={onLeave}
        >
          <IconArrowsMinimize size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </>
  );
}
