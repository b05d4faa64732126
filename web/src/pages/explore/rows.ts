// Answers as a table: readings, buckets however deep, rows of SQL.
export interface Table {
  columns: string[];
  rows: unknown[][];
}

type Row = Record<string, unknown>;

const isObject = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

function tableOf(rows: Row[]): Table {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { columns, rows: rows.map((row) => columns.map((column) => row[column])) };
}

function bucketsOf(aggregation: Row): Row[] | undefined {
  if (Array.isArray(aggregation.buckets)) return aggregation.buckets.filter(isObject);
  if (!isObject(aggregation.buckets)) return undefined;
  return Object.entries(aggregation.buckets).flatMap(([key, bucket]) => (isObject(bucket) ? [{ key, ...bucket }] : []));
}

const ofBucket = ['key', 'key_as_string', 'doc_count', 'from', 'to', 'from_as_string', 'to_as_string'];

/** Metrics beside each other are columns, buckets are rows, buckets in buckets are more rows. */
function flatten(aggregations: Row, above: Row): Row[] {
  const row: Row = { ...above };
  const deeper: Row[] = [];
  let hasBuckets = false;
  const entries = Object.entries(aggregations).filter((each): each is [string, Row] => isObject(each[1]));
  for (const [name, aggregation] of entries) {
    if (bucketsOf(aggregation)) continue;
    for (const [member, value] of Object.entries(aggregation)) {
      if (member.endsWith('_as_string') || member === 'meta') continue;
      const column = member === 'value' ? name : `${name}.${member}`;
      row[column] = isObject(value) || Array.isArray(value) ? JSON.stringify(value) : value;
    }
  }
  for (const [name, aggregation] of entries) {
    const buckets = bucketsOf(aggregation);
    if (!buckets) continue;
    hasBuckets = true;
    for (const bucket of buckets) {
      const inside = Object.fromEntries(Object.entries(bucket).filter(([member]) => !ofBucket.includes(member)));
      const key = isObject(bucket.key) ? JSON.stringify(bucket.key) : (bucket.key_as_string ?? bucket.key);
      deeper.push(...flatten(inside, { ...row, [name]: key, count: bucket.doc_count }));
    }
  }
  return hasBuckets ? deeper : [row];
}

/** Nothing where the answer has nothing that is a table. */
export function tableOfAnswer(answer: unknown): Table | undefined {
  if (!isObject(answer)) return undefined;
  if (Array.isArray(answer.columns) && Array.isArray(answer.rows)) {
    return {
      columns: answer.columns.map((column) => (isObject(column) ? String(column.name) : String(column))),
      rows: answer.rows.filter(Array.isArray),
    };
  }
  if (isObject(answer.aggregations)) return tableOf(flatten(answer.aggregations, {}));
  const hits = isObject(answer.hits) && Array.isArray(answer.hits.hits) ? answer.hits.hits.filter(isObject) : [];
  if (hits.length === 0) return undefined;
  return tableOf(
    hits.map((hit) => ({
      _index: hit._index,
      ...(isObject(hit._source) ? hit._source : {}),
      ...(isObject(hit.fields) ? hit.fields : {}),
    })),
  );
}
