// The panels in their grid, moved and resized with mouse, finger and keyboard.
import { ActionIcon } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconArrowsMove, IconArrowDownRight } from '@tabler/icons-react';
import { useState, type CSSProperties, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useMessages } from '@/i18n';
import { columns, type Panel } from './document';
import { startDrag } from './drag';
import classes from './grid.module.css';
import { inOrder, place, step, type Step } from './layout';

const row_px = 48;
const gap_px = 12;
/** Narrower than this the panels stand below each other, in the order in which they are read. */
const narrow_px = 640;

interface Drag {
  id: string;
  isResize: boolean;
  /** As it would be when let go now. */
  panels: Panel[];
  x_px: number;
  y_px: number;
}

interface GridProps {
  panels: Panel[];
  titleOf: (panel: Panel) => string;
  /** Missing: nothing is moved. */
  onChange?: ((panels: Panel[]) => void) | undefined;
  children: (panel: Panel, handle: ReactNode) => ReactNode;
}

const stepOf: Record<string, [Step, Step]> = {
  ArrowLeft: ['left', 'narrower'],
  ArrowRight: ['right', 'wider'],
  ArrowUp: ['up', 'lower'],
  ArrowDown: ['down', 'taller'],
};

export function Grid({ panels, titleOf, onChange, children }: GridProps) {
  const { dashboards } = useMessages();
  const { ref, width } = useElementSize();
  const [drag, setDrag] = useState<Drag>();
  const [said, say] = useState('');
  const isNarrow = width > 0 && width < narrow_px;
  const shown = drag?.panels ?? panels;
  const column_px = (width + gap_px) / columns;
  const placeText = (list: Panel[], id: string) => {
    const panel = list.find((each) => each.id === id);
    return panel ? dashboards.placed(titleOf(panel), panel.x + 1, panel.y + 1, panel.w, panel.h) : '';
  };

  const begin = (event: PointerEvent<HTMLElement>, panel: Panel, isResize: boolean) => {
    let last = panels;
    startDrag(event, {
      onMove: (x_px, y_px) => {
        const across = Math.round(x_px / column_px);
        const down = Math.round(y_px / (row_px + gap_px));
        last = place(
          panels,
          panel.id,
          isResize
            ? { ...panel, w: Math.min(columns - panel.x, panel.w + across), h: panel.h + down }
            : { ...panel, x: panel.x + across, y: panel.y + down },
        );
        setDrag({ id: panel.id, isResize, panels: last, x_px, y_px });
      },
      onEnd: (isDone) => {
        setDrag(undefined);
        if (!isDone) return;
        say(placeText(last, panel.id));
        if (last !== panels) onChange?.(last);
      },
    });
  };

  const press = (event: KeyboardEvent<HTMLElement>, panel: Panel) => {
    const steps = stepOf[event.key];
    if (!steps || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = step(panels, panel.id, steps[event.shiftKey ? 1 : 0]);
    say(placeText(next, panel.id));
    onChange?.(next);
    // In its new place among the others it would have lost the focus.
    const handle = event.currentTarget;
    window.requestAnimationFrame(() => handle.focus());
  };

  const handleOf = (panel: Panel) =>
    onChange && (
      <ActionIcon
        variant="subtle"
        color="gray"
        className={classes.handle}
        aria-label={dashboards.movePanel(titleOf(panel))}
        aria-describedby="move-help"
        onKeyDown={(event) => press(event, panel)}
        onPointerDown={(event) => !isNarrow && begin(event, panel, false)}
      >
        <IconArrowsMove size={16} aria-hidden />
      </ActionIcon>
    );

  /** The dragged panel follows the pointer; the dashed frame is where it will lie. */
  const styleOf = (panel: Panel): CSSProperties => {
    if (isNarrow) return { height: panel.h * (row_px + gap_px) - gap_px };
    const isDragged = drag?.id === panel.id;
    const origin = isDragged ? (panels.find((each) => each.id === panel.id) ?? panel) : panel;
    const style: CSSProperties = {
      gridColumn: `${origin.x + 1} / span ${origin.w}`,
      gridRow: `${origin.y + 1} / span ${origin.h}`,
    };
    if (!isDragged) return style;
    if (!drag.isResize) return { ...style, transform: `translate(${drag.x_px}px, ${drag.y_px}px)` };
    return {
      ...style,
      width: Math.max(column_px, origin.w * column_px - gap_px + drag.x_px),
      height: Math.max(row_px, origin.h * (row_px + gap_px) - gap_px + drag.y_px),
    };
  };

  const target = drag && shown.find((panel) => panel.id === drag.id);
  return (
    <>
      <div
        ref={ref}
        className={isNarrow ? `${classes.grid} ${classes.narrow}` : classes.grid}
        style={{ '--row': `${row_px}px`, '--gap': `${gap_px}px` } as CSSProperties}
      >
        {/* In the order of reading, which is the order of the keyboard. */}
        {inOrder(panels).map(({ id }) => {
          const panel = shown.find((each) => each.id === id);
          if (!panel) return null;
          return (
            <div
              key={id}
              className={drag?.id === id ? `${classes.cell} ${classes.dragged}` : classes.cell}
              style={styleOf(panel)}
            >
              {children(panel, handleOf(panel))}
              {onChange && !isNarrow && (
                // The keyboard resizes at the handle; this corner is for pointers.
                <div className={classes.corner} aria-hidden onPointerDown={(event) => begin(event, panel, true)}>
                  <IconArrowDownRight size={14} />
                </div>
              )}
            </div>
          );
        })}
        {target && (
          <div
            className={classes.target}
            aria-hidden
            style={{ gridColumn: `${target.x + 1} / span ${target.w}`, gridRow: `${target.y + 1} / span ${target.h}` }}
          />
        )}
      </div>
      <div className="visually-hidden" id="move-help">
        {dashboards.moveHelp}
      </div>
      <div className="visually-hidden" role="status" aria-live="assertive">
        {said}
      </div>
    </>
  );
}
