// Colours of series: at least 3:1 against the page, light and dark.
const colors = [
  'light-dark(#0b7285, #3bc9db)',
  'light-dark(#c2410c, #ffa94d)',
  'light-dark(#5f3dc4, #b197fc)',
  'light-dark(#2b8a3e, #69db7c)',
  'light-dark(#a61e4d, #faa2c1)',
  'light-dark(#1864ab, #74c0fc)',
  'light-dark(#866300, #ffe066)',
  'light-dark(#495057, #ced4da)',
];

export function colorOf(at: number): string {
  return colors[at % colors.length] ?? '';
}
