// One script that a shop embeds:
//   <script src="https://okno.example/channels/site/widget.js" data-account="demo-site" data-lang="ru" async></script>
import { Line } from './line'
import { ChatWindow } from './window'
import { WORDS } from './words'

function start(script: HTMLScriptElement): void {
  const account = script.dataset.account
  if (!account) return
  const wish = script.dataset.lang ?? document.documentElement.lang.slice(0, 2)
  const language = wish in WORDS ? wish : 'ru'
  const line: Line = new Line(new URL(script.src).origin, account, {
    changed: () => shown.draw(),
    connected: (yes) => shown.connected(yes),
    typing: (until) => shown.typing(until),
    problem: (code) => shown.problem(code),
  })
  const shown: ChatWindow = new ChatWindow(WORDS[language]!, language, () => line)
  // who has written before hears the answer even while the window is closed
  if (line.known) void line.connect()
}

const script = document.currentScript
if (script instanceof HTMLScriptElement) {
  if (document.body) start(script)
  else addEventListener('DOMContentLoaded', () => start(script))
}
