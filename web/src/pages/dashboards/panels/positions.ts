// Places on the earth, in each of the forms that readings have them.
export interface Position {
  lat: number;
  lon: number;
}

function checked(lat: number, lon: number): Position | undefined {
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : undefined;
}

/** Of {"lat", "lon"}, [lon, lat] or "lat,lon"; undefined for anything else. */
export function positionOf(value: unknown): Position | undefined {
  if (typeof value === 'string') {
    const parts = value.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
    return parts.length === 2 ? checked(parts[0] ?? NaN, parts[1] ?? NaN) : undefined;
  }
  if (Array.isArray(value)) return checked(Number(value[1]), Number(value[0]));
  if (typeof value !== 'object' || value === null || !('lat' in value) || !('lon' in value)) return undefined;
  return checked(Number(value.lat), Number(value.lon));
}
