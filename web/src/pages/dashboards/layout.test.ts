import { describe, expect, it } from 'vitest';
import { fall, freePlace, inOrder, place, step, type Placed } from './layout';

const at = (id: string, x: number, y: number, w: number, h: number): Placed => ({ id, x, y, w, h });
const shown = (panels: Placed[]) => panels.map((panel) => `${panel.id}:${panel.x},${panel.y},${panel.w},${panel.h}`);

const apart = (panels: Placed[]) =>
  panels.every((a) =>
    panels.every((b) => a === b || a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y),
  );

describe('layout', () => {
  const two = [at('a', 0, 0, 6, 2), at('b', 0, 2, 6, 2)];

  it('lets panels fall upwards, and keeps their order in the list', () => {
    expect(shown(fall([at('b', 0, 9, 6, 1), at('a', 0, 4, 6, 2), at('c', 6, 3, 6, 1)]))).toEqual([
      'b:0,2,6,1',
      'a:0,0,6,2',
      'c:6,0,6,1',
    ]);
  });

  it('changes places when dragged past the middle of a neighbour', () => {
    expect(shown(place(two, 'a', at('a', 0, 1, 6, 2)))).toEqual(['a:0,2,6,2', 'b:0,0,6,2']);
    expect(shown(place(two, 'b', at('b', 0, 1, 6, 2)))).toEqual(shown(two));
    expect(shown(place(two, 'b', at('b', 0, 0, 6, 2)))).toEqual(['a:0,2,6,2', 'b:0,0,6,2']);
  });

  it('stays within the columns', () => {
    expect(shown(place(two, 'a', at('a', 9, -3, 6, 2)))).toEqual(['a:6,0,6,2', 'b:0,0,6,2']);
    expect(shown(place(two, 'a', at('a', 0, 0, 20, 0)))).toEqual(['a:0,0,12,1', 'b:0,1,6,2']);
  });

  it('keeps a resized panel where it is', () => {
    const panels = [at('c', 0, 0, 6, 2), at('a', 0, 2, 12, 2), at('b', 6, 4, 6, 4)];
    expect(shown(place(panels, 'a', at('a', 0, 2, 12, 3)))).toEqual(['c:0,0,6,2', 'a:0,2,12,3', 'b:6,5,6,4']);
  });

  it('finds room for a new one', () => {
    expect(freePlace([], { w: 4, h: 2 })).toEqual({ x: 0, y: 0, w: 4, h: 2 });
    expect(freePlace(two, { w: 6, h: 4 })).toEqual({ x: 6, y: 0, w: 6, h: 4 });
    expect(freePlace(two, { w: 7, h: 1 })).toEqual({ x: 0, y: 4, w: 7, h: 1 });
  });

  it('moves by the keyboard, and back', () => {
    expect(shown(step(two, 'a', 'right'))).toEqual(['a:1,0,6,2', 'b:0,2,6,2']);
    expect(shown(step(two, 'a', 'down'))).toEqual(['a:0,2,6,2', 'b:0,0,6,2']);
    expect(shown(step(step(two, 'a', 'down'), 'a', 'up'))).toEqual(shown(two));
    expect(shown(step(two, 'b', 'down'))).toEqual(shown(two));
    expect(shown(step(two, 'a', 'taller'))).toEqual(['a:0,0,6,3', 'b:0,3,6,2']);
    expect(shown(step([at('a', 6, 0, 6, 2)], 'a', 'wider'))).toEqual(['a:6,0,6,2']);
    expect(shown(step([at('a', 6, 0, 1, 1)], 'a', 'narrower'))).toEqual(['a:6,0,1,1']);
  });

  it('never lets panels overlap, whatever is done', () => {
    let state = 7;
    const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
    let panels: Placed[] = [];
    for (let turn = 0; turn < 400; ++turn) {
      const size = { w: 1 + random(12), h: 1 + random(5) };
      if (panels.length < 12) panels.push({ id: `p${panels.length}`, ...freePlace(panels, size) });
      const id = `p${random(panels.length)}`;
      panels = place(panels, id, { x: random(14) - 1, y: random(20), ...size });
      expect(apart(panels), shown(inOrder(panels)).join(' ')).toBe(true);
      expect(shown(fall(panels))).toEqual(shown(panels));
    }
  });
});
