// Dragging with mouse, pen or finger: from pressing to letting go, with what Escape and a lost pointer undo.
import type { PointerEvent as ReactPointerEvent } from 'react';

interface Drag {
  /** How far from where it began, in pixels of the page (what is scrolled meanwhile counts). */
  onMove: (x_px: number, y_px: number) => void;
  onEnd: (isDone: boolean) => void;
}

/** So near to the edge of the window it scrolls. */
const edge_px = 60;
const scroll_px = 12;

export function startDrag(event: ReactPointerEvent<HTMLElement>, { onMove, onEnd }: Drag): void {
  if (event.button !== 0) return;
  event.preventDefault();
  const target = event.currentTarget;
  // A button gets the focus with the mouse too, so that the keyboard can go on.
  target.focus({ preventScroll: true });
  target.setPointerCapture(event.pointerId);
  const start = { x: event.clientX + window.scrollX, y: event.clientY + window.scrollY };
  const last = { x: event.clientX, y: event.clientY };
  const tell = () => onMove(last.x + window.scrollX - start.x, last.y + window.scrollY - start.y);
  const move = (moved: PointerEvent) => {
    last.x = moved.clientX;
    last.y = moved.clientY;
    tell();
  };
  const scroll = window.setInterval(() => {
    const by = last.y < edge_px ? -scroll_px : last.y > window.innerHeight - edge_px ? scroll_px : 0;
    if (by === 0) return;
    window.scrollBy(0, by);
    tell();
  }, 16);
  const end = (isDone: boolean) => {
    window.clearInterval(scroll);
    target.removeEventListener('pointermove', move);
    target.removeEventListener('pointerup', up);
    target.removeEventListener('pointercancel', cancel);
    window.removeEventListener('keydown', key, true);
    onEnd(isDone);
  };
  const up = () => end(true);
  const cancel = () => end(false);
  const key = (pressed: KeyboardEvent) => {
    if (pressed.key !== 'Escape') return;
    pressed.stopPropagation();
    end(false);
  };
  target.addEventListener('pointermove', move);
  target.addEventListener('pointerup', up);
  target.addEventListener('pointercancel', cancel);
  window.addEventListener('keydown', key, true);
}
