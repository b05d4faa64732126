// A safe subset of Markdown: headings, lists, quotes, code, emphasis, links. It becomes a tree and never HTML: what looks like
// HTML is text.
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong' | 'emphasis'; children: Inline[] }
  | { kind: 'link'; address: string; children: Inline[] };

export type Block =
  | { kind: 'heading'; level: number; children: Inline[] }
  | { kind: 'paragraph' | 'quote'; children: Inline[] }
  | { kind: 'list'; isOrdered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string }
  | { kind: 'rule' };

/** Addresses that run nothing: of the web, of mail, and of these pages. */
export function isSafeAddress(address: string): boolean {
  return /^(https?:\/\/|mailto:|\/(?!\/)|#)/i.test(address) && ![...address].some((each) => each <= ' ');
}

const inlines =
  /`([^`\n]+)`|\*\*([^*\n](?:[^\n]{0,2000}?[^*\n])??)\*\*|\*([^*\s](?:[^*\n]{0,2000}?[^*\s])??)\*|\[([^\]\n]{1,500})\]\(([^()\s]{1,2000})\)/;

export function inline(text: string): Inline[] {
  const found = inlines.exec(text);
  if (!found) return text ? [{ kind: 'text', text }] : [];
  const [whole, code, strong, emphasis, label, address] = found;
  const before = text.slice(0, found.index);
  const after = inline(text.slice(found.index + whole.length));
  const made = (): Inline => {
    if (code !== undefined) return { kind: 'code', text: code };
    if (strong !== undefined) return { kind: 'strong', children: inline(strong) };
    if (emphasis !== undefined) return { kind: 'emphasis', children: inline(emphasis) };
    if (label !== undefined && address !== undefined && isSafeAddress(address)) {
      return { kind: 'link', address, children: [{ kind: 'text', text: label }] };
    }
    return { kind: 'text', text: whole };
  };
  return [...(before ? [{ kind: 'text' as const, text: before }] : []), made(), ...after];
}

const item = /^\s{0,3}(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;

export function markdown(source: string): Block[] {
  const blocks: Block[] = [];
  const lines = source.replace(/\r\n?/g, '\n').split('\n');
  let at = 0;
  const take = (fits: (line: string) => boolean) => {
    const taken: string[] = [];
    for (let line = lines[at]; line !== undefined && fits(line); line = lines[++at]) taken.push(line);
    return taken;
  };
  const isPlain = (line: string) =>
    line.trim() !== '' && !/^(#{1,6}\s|```|>)/.test(line) && !item.test(line) && !/^(-{3,}|\*{3,})\s*$/.test(line);
  for (let line = lines[at]; line !== undefined; line = lines[at]) {
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    const listed = item.exec(line);
    if (line.trim() === '') ++at;
    else if (heading) {
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, children: inline(heading[2] ?? '') });
      ++at;
    } else if (line.startsWith('```')) {
      ++at;
      blocks.push({ kind: 'code', text: take((each) => !each.startsWith('```')).join('\n') });
      ++at;
    } else if (/^(-{3,}|\*{3,})\s*$/.test(line)) {
      blocks.push({ kind: 'rule' });
      ++at;
    } else if (line.startsWith('>')) {
      const quoted = take((each) => each.startsWith('>')).map((each) => each.replace(/^>\s?/, ''));
      blocks.push({ kind: 'quote', children: inline(quoted.join(' ')) });
    } else if (listed) {
      const isOrdered = listed[1] !== undefined;
      const items = take((each) => {
        const found = item.exec(each);
        return found !== null && (found[1] !== undefined) === isOrdered;
      });
      blocks.push({ kind: 'list', isOrdered, items: items.map((each) => inline(item.exec(each)?.[2] ?? '')) });
    } else {
      const paragraph = take(isPlain);
      // A line that begins like something else and is not it.
      if (paragraph.length === 0) paragraph.push(lines[at++] ?? '');
      blocks.push({ kind: 'paragraph', children: inline(paragraph.join(' ')) });
    }
  }
  return blocks;
}
