/** One card in the middle; follows the system's light or dark; 44 px targets for thumbs. */
export const style = `
:root { color-scheme: light dark; --back: #f3f5f7; --card: #ffffff; --text: #17212b; --soft: #55616d;
  --line: #c9d1d9; --accent: #0b6b4f; --on-accent: #ffffff; --problem: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --back: #10161c; --card: #1a222b; --text: #e8edf2; --soft: #a3afbb; --line: #3a4753;
    --accent: #4fd1a5; --on-accent: #06281d; --problem: #ff9d94; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px;
  background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 400px; padding: 28px; background: var(--card);
  border: 1px solid var(--line); border-radius: 14px; }
header { display: flex; align-items: center; gap: 8px; color: var(--soft); font-weight: 600; }
svg { width: 26px; height: 26px; fill: none; stroke: var(--accent); stroke-width: 1.8; stroke-linecap: round; }
.mercury { stroke-width: 3; }
h1 { margin: 18px 0 6px; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
p, ul { margin: 0 0 16px; color: var(--soft); overflow-wrap: anywhere; }
strong { color: var(--text); }
ul { padding-left: 20px; }
label { display: block; margin-bottom: 6px; font-weight: 600; }
input, button { width: 100%; min-height: 44px; padding: 8px 14px; border-radius: 9px; font: inherit; }
input { border: 1px solid var(--line); background: var(--back); color: inherit; margin-bottom: 14px; }
button { border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent);
  font-weight: 600; cursor: pointer; }
button.quiet { background: transparent; border-color: var(--line); color: inherit; }
.buttons { display: flex; gap: 10px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.problem { color: var(--problem); }
`;
