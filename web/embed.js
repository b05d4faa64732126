// Makes C++ of the built GUI: node embed.js DIST OUT writes OUT/assets_table.cpp, which takes in every file of DIST as it is
// and compressed (src/gui/assets.h).
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import process from 'node:process';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [dist, out] = process.argv.slice(2).map((each) => resolve(each));

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .sort();

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const blobs = [];
const rows = [];
/** The name of what holds these bytes, or none: then the asset has no such form. */
function blob(bytes, name) {
  const file = join(out, name);
  writeFileSync(file, bytes);
  const symbol = `iot_gui_asset_${blobs.length}`;
  blobs.push({ symbol, file });
  return symbol;
}

files.forEach((file, number) => {
  const path = file.slice(dist.length);
  const type = types[extname(file)];
  if (!type) throw new Error(`embed.js knows no type of ${path}`);
  const bytes = readFileSync(file);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  const gzip = gzipSync(bytes, { level: 9 });
  const pays = (compressed) => compressed.length < bytes.length;
  rows.push({
    path,
    type,
    etag: createHash('sha256').update(bytes).digest('hex').slice(0, 32),
    // Vite puts the content's hash into these names.
    immutable: path.startsWith('/assets/'),
    identity: blob(bytes, `${number}`),
    gzip: pays(gzip) ? blob(gzip, `${number}.gz`) : null,
    brotli: pays(brotli) ? blob(brotli, `${number}.br`) : null,
  });
});

const quoted = (text) => JSON.stringify(text);
const view = (symbol) => (symbol ? `{${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})}` : '{}');
const lines = [
  '// Made by web/embed.js.',
  '#include "gui/assets.h"',
  ...blobs.map(
    ({ symbol, file }) =>
      `__asm__(".section .rodata\\n.global ${symbol}\\n.global ${symbol}_end\\n${symbol}:\\n.incbin ${quoted(file).replaceAll('"', '\\"')}\\n${symbol}_end:\\n.byte 0\\n.previous\\n");`,
  ),
  'extern "C" {',
  ...blobs.map(({ symbol }) => `extern const char ${symbol}[];\nextern const char ${symbol}_end[];`),
  '}',
  'namespace iot::gui {',
  'std::span<const Asset> assets() {',
  '  static const Asset all[] = {',
  ...rows.map(
    (row) =>
      `    {${quoted(row.path)}, ${quoted(row.type)}, ${quoted(row.etag)}, ${row.immutable}, ${view(row.identity)}, ${view(row.gzip)}, ${view(row.brotli)}},`,
  ),
  '  };',
  '  return all;',
  '}',
  '}  // namespace iot::gui',
  '',
];
writeFileSync(join(out, 'assets_table.cpp'), lines.join('\n'));
