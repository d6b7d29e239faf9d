/** Sizes are em of the host element, so that nothing of the shop's own styles reaches in. */
export const STYLE = `
:host { all: initial; --paper: #fff; --quiet: #eceff2; --ink: #16202a; --ink-2: #445160; --line: #7d8a97; --accent: #0b5c70; --on-accent: #fff; --mine: #e4f1f4; --bad: #8f1b15; --focus: #1455cf; position: fixed; z-index: 2147483000; right: 20px; bottom: 20px; font: 400 16px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: var(--ink); }
@media (prefers-color-scheme: dark) { :host { --paper: #161c23; --quiet: #222b34; --ink: #e7ecf1; --ink-2: #b3bec9; --line: #748291; --accent: #63c5d6; --on-accent: #05232b; --mine: #11303a; --bad: #ffb1aa; --focus: #8db9ff; } }
@media (prefers-contrast: more) { :host { --paper: #000; --quiet: #1c1c1c; --ink: #fff; --ink-2: #f2f2f2; --line: #fff; --accent: #7ee8ff; --on-accent: #000; --mine: #000; --bad: #ffb8b2; --focus: #ffe500; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; border: 0; background: none; padding: 0; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
svg { width: 1.25em; height: 1.25em; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; display: block; }
.launch { position: relative; display: grid; place-items: center; width: 3.5em; height: 3.5em; border-radius: 50%; background: var(--accent); color: var(--on-accent); box-shadow: 0 4px 16px rgb(0 0 0 / .25); }
.launch svg { width: 1.6em; height: 1.6em; }
.count { position: absolute; top: -2px; right: -2px; min-width: 1.5em; padding: 0 .35em; border-radius: 1em; border: 2px solid var(--paper); background: #b0241c; color: #fff; font-size: .8em; font-weight: 600; line-height: 1.5em; text-align: center; }
.window { display: flex; flex-direction: column; width: min(23em, calc(100vw - 40px)); height: min(34em, calc(100dvh - 40px)); overflow: hidden; border: 1px solid var(--line); border-radius: 14px; background: var(--paper); box-shadow: 0 12px 40px rgb(0 0 0 / .28); }
.head { display: flex; align-items: center; gap: .5em; padding: .6em .6em .6em 1em; background: var(--accent); color: var(--on-accent); font-weight: 600; }
.head span { flex: 1; }
.round { display: grid; place-items: center; width: 2.25em; height: 2.25em; flex: none; border-radius: 8px; }
.head :focus-visible { outline-color: currentColor; outline-offset: -3px; }
.log { flex: 1; display: flex; flex-direction: column; gap: .35em; padding: 1em; overflow: auto; overscroll-behavior: contain; }
.log > :first-child { margin-top: auto; }
.turn { max-width: 84%; align-self: flex-start; padding: .5em .75em; border-radius: 12px 12px 12px 4px; background: var(--quiet); overflow-wrap: anywhere; white-space: pre-wrap; }
.turn.mine { align-self: flex-end; border-radius: 12px 12px 4px 12px; background: var(--mine); }
.turn.unsent { outline: 1px dashed var(--line); outline-offset: -1px; }
.who { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.foot { display: block; margin-top: .15em; font-size: .75em; color: var(--ink-2); }
.foot.bad { color: var(--bad); font-weight: 600; }
.turn a { color: inherit; }
.turn img { display: block; max-width: 100%; max-height: 12em; border-radius: 8px; }
.say { min-height: 1.6em; padding: 0 1em; font-size: .8em; color: var(--ink-2); }
.cut { padding: .5em 1em; font-size: .85em; background: var(--quiet); border-block: 1px solid var(--line); }
form { display: flex; align-items: flex-end; gap: .25em; margin: .25em .6em .6em; padding: .25em; border: 1px solid var(--line); border-radius: 12px; }
form:focus-within { outline: 2px solid var(--focus); outline-offset: 1px; }
textarea { flex: 1; min-width: 0; min-height: 2.25em; max-height: 8em; padding: .4em .5em; border: 0; background: none; resize: none; outline: none; }
textarea:focus-visible { outline: none; }
textarea::placeholder { color: var(--ink-2); opacity: 1; }
.send { background: var(--accent); color: var(--on-accent); }
.send:disabled { background: var(--quiet); color: var(--ink-2); cursor: default; }
@media (max-width: 30em) { :host(.open) { right: 0; bottom: 0; } .window { width: 100vw; height: 100dvh; border-radius: 0; border: 0; } }
@media (forced-colors: active) { .turn { border: 1px solid; } }
`
