// What of a dashboard is in its address, so that a link shows the same: range, refresh, variables, wall.

/** Numbers where the text is one: the router writes those as they are. */
type Parameter = string | number | undefined;
export type ViewSearch = Record<string, Parameter>;

export function viewSearch(search: Record<string, unknown>): ViewSearch {
  return Object.fromEntries(
    Object.entries(search).filter((each): each is [string, string | number] =>
      ['string', 'number'].includes(typeof each[1]),
    ),
  );
}

/** As the router is to write it: "3" would get quotation marks. */
export function parameter(text: string): Parameter {
  return /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

export const variablePrefix = 'var-';
