// Where panels lie: a grid of twelve columns in which nothing overlaps and everything falls upwards.
import { columns, height_max } from './document';

export interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}
export interface Placed extends Place {
  id: string;
}

const overlaps = (a: Place, b: Place) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** From the top to the bottom, in a row from the left to the right: as they are read. */
export function inOrder<P extends Place>(panels: readonly P[]): P[] {
  return [...panels].sort((a, b) => a.y - b.y || a.x - b.x);
}

/** The nearest place within the grid. */
export function withinGrid({ x, y, w, h }: Place): Place {
  const width = Math.min(columns, Math.max(1, w));
  return {
    x: Math.min(columns - width, Math.max(0, x)),
    y: Math.max(0, y),
    w: width,
    h: Math.min(height_max, Math.max(1, h)),
  };
}

/** Each as far up as it goes. */
export function fall<P extends Placed>(panels: readonly P[]): P[] {
  const fallen: P[] = [];
  for (const panel of inOrder(panels)) {
    let { y } = panel;
    while (y > 0 && !fallen.some((other) => overlaps({ ...panel, y: y - 1 }, other))) --y;
    fallen.push({ ...panel, y });
  }
  const places = new Map(fallen.map((panel) => [panel.id, panel]));
  return panels.map((panel) => places.get(panel.id) ?? panel);
}

/** With one of them moved or resized: the others make way. */
export function place<P extends Placed>(panels: readonly P[], id: string, to: Place): P[] {
  const panel = panels.find((each) => each.id === id);
  if (!panel) return [...panels];
  const moved = { ...panel, ...withinGrid(to) };
  const others = panels.filter((each) => each.id !== id);
  const wanted = moved.y;
  // Going down, others fall into the room it leaves. Up or down, it passes those whose middle it has passed.
  const rest = wanted > panel.y ? fall(others) : others;
  for (const other of inOrder(rest)) {
    if (wanted !== panel.y && overlaps(moved, other) && other.y + other.h / 2 <= wanted) moved.y = other.y + other.h;
  }
  const settled: P[] = [moved];
  for (const other of inOrder(rest)) {
    let { y } = other;
    for (let hit; (hit = settled.find((each) => overlaps({ ...other, y }, each)));) y = hit.y + hit.h;
    settled.push({ ...other, y });
  }
  const places = new Map(fall(settled).map((each) => [each.id, each]));
  return panels.map((each) => places.get(each.id) ?? each);
}

/** The first place from the top where such a panel fits. */
export function freePlace(panels: readonly Place[], size: { w: number; h: number }): Place {
  for (let y = 0; ; ++y) {
    for (let x = 0; x + size.w <= columns; ++x) {
      if (!panels.some((panel) => overlaps({ x, y, ...size }, panel))) return { x, y, ...size };
    }
  }
}

export type Step = 'left' | 'right' | 'up' | 'down' | 'wider' | 'narrower' | 'taller' | 'lower';

/** One step of the keyboard. Up and down change places with the neighbour: a row further it would fall back. */
export function step<P extends Placed>(panels: readonly P[], id: string, how: Step): P[] {
  const panel = panels.find((each) => each.id === id);
  if (!panel) return [...panels];
  const { x, y, w, h } = panel;
  const neighbours = inOrder(panels).filter((other) => other.id !== id && other.x < x + w && x < other.x + other.w);
  switch (how) {
    case 'left':
      return place(panels, id, { x: x - 1, y, w, h });
    case 'right':
      return place(panels, id, { x: x + 1, y, w, h });
    case 'up':
      return place(panels, id, { x, y: neighbours.findLast((other) => other.y < y)?.y ?? y, w, h });
    case 'down': {
      const below = neighbours.find((other) => other.y > y);
      return below ? place(panels, below.id, { ...below, y }) : [...panels];
    }
    case 'wider':
      return place(panels, id, { x, y, w: Math.min(columns - x, w + 1), h });
    case 'narrower':
      return place(panels, id, { x, y, w: w - 1, h });
    case 'taller':
      return place(panels, id, { x, y, w, h: h + 1 });
    case 'lower':
      return place(panels, id, { x, y, w, h: h - 1 });
  }
}
