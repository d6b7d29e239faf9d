// Runs before the first paint, so that a dark room is never lit by a white flash. The page's own code keeps this key
// up to date (src/shell/preferences.ts); the server holds the lasting copy.
(function () {
  var root = document.documentElement
  var kept = {}
  try { kept = JSON.parse(localStorage.getItem('okno.preferences') || '{}') } catch { kept = {} }
  var dark = matchMedia('(prefers-color-scheme: dark)').matches
  var more = matchMedia('(prefers-contrast: more)').matches
  var system = more ? 'contrast' : dark ? 'dark' : 'light'
  root.dataset.theme = ['light', 'dark', 'contrast'].includes(kept.theme) ? kept.theme : system
  root.dataset.density = kept.density === 'compact' ? 'compact' : 'comfortable'
  if (kept.reduced_motion) root.dataset.motion = 'reduced'
  var percent = Number(kept.text_percent)
  if (percent >= 100 && percent <= 200) root.style.fontSize = percent + '%'
  if (['ru', 'kk', 'uz', 'en'].includes(kept.language)) root.lang = kept.language
})()
