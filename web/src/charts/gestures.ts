// Mouse and fingers on a chart: dragging pans, the wheel and two fingers zoom.

interface Gestures {
  isOn: () => boolean;
  /** By a part of the width; positive: to later times. */
  onPan: (part: number) => void;
  /** Longer by a factor about a place from 0 (left) to 1 (right). */
  onZoom: (factor: number, at: number) => void;
}

const wheel_factor = 1.0015;

/** Returns what ends it. What comes within one frame of the screen is told once. */
export function onGestures(element: HTMLElement, { isOn, onPan, onZoom }: Gestures): () => void {
  const pointers = new Map<number, number>();
  let pan = 0;
  let zoom = 1;
  let zoomAt = 0.5;
  let frame = 0;

  const tell = () => {
    frame = 0;
    if (zoom !== 1) onZoom(zoom, zoomAt);
    if (pan !== 0) onPan(pan);
    pan = 0;
    zoom = 1;
  };
  const tellSoon = () => {
    frame ||= requestAnimationFrame(tell);
  };
  const place = (x: number) => {
    const { left, width } = element.getBoundingClientRect();
    return width > 0 ? (x - left) / width : 0.5;
  };

  const down = (event: PointerEvent) => {
    if (!isOn() || event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, place(event.clientX));
  };
  const move = (event: PointerEvent) => {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    const now = place(event.clientX);
    const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    if (other === undefined) {
      pan += before - now;
    } else {
      const [wide, wider] = [Math.abs(before - other), Math.abs(now - other)];
      // Fingers that meet would zoom without bounds.
      if (wide > 0.02 && wider > 0.02) zoom *= wide / wider;
      zoomAt = other;
    }
    pointers.set(event.pointerId, now);
    tellSoon();
  };
  const up = (event: PointerEvent) => void pointers.delete(event.pointerId);
  const wheel = (event: WheelEvent) => {
    // The page is scrolled as ever; with Control or a trackpad's pinch the chart is zoomed, and sideways it is panned.
    if (!isOn()) return;
    if (event.ctrlKey || event.metaKey) {
      zoom *= wheel_factor ** (event.deltaY * 4);
      zoomAt = place(event.clientX);
    } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      pan += event.deltaX / Math.max(1, element.clientWidth);
    } else {
      return;
    }
    event.preventDefault();
    tellSoon();
  };

  element.addEventListener('pointerdown', down);
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', up);
  element.addEventListener('pointercancel', up);
  element.addEventListener('wheel', wheel, { passive: false });
  return () => {
    cancelAnimationFrame(frame);
    element.removeEventListener('pointerdown', down);
    element.removeEventListener('pointermove', move);
    element.removeEventListener('pointerup', up);
    element.removeEventListener('pointercancel', up);
    element.removeEventListener('wheel', wheel);
  };
}
