/** What of a path names one element: `17`, `17.json`, `17.xml`; undefined: `.json` and `.xml` mean the list. */
export function nameOf(text: string): string | undefined {
  const name = text.replace(/\.(?:json|xml)$/i, '');
  return name === '' ? undefined : name;
}
