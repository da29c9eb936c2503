// What the other parts share: finding, speaking to screen readers, sending.

export const byId = (id) => document.getElementById(id)
export const calm = matchMedia('(prefers-reduced-motion: reduce)').matches

const announcer = byId('sb-announcer')
let waiting = []
let announceTimer
/** Says what is new to screen readers; a burst is counted, not read out one by one. */
export function announce(words) {
  if (!words) return
  waiting.push(words)
  clearTimeout(announceTimer)
  announceTimer = setTimeout(() => {
    announcer.textContent = waiting.length > 3 ? `${waiting.length} new messages` : waiting.join('. ')
    waiting = []
  }, 700)
}

/** Shows what went wrong, until something goes right again; nothing takes it away. */
export function complain(problem = '') {
  byId('sb-toast').textContent = problem
}

/** Posts a form; resolves with the server's answer, or with what to tell the person. */
export async function send(url, body) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(body),
    })
    return await response.json()
  } catch {
    return { ok: false, problem: 'The sandbox cannot be reached. Nothing you typed is lost: try again.' }
  }
}

/** Replaces what is inside a part, keeping the focus where it was; waits while a menu or field in it is in use. */
export function replaceInside(part, html) {
  if (!part) return
  const active = part.contains(document.activeElement) ? document.activeElement : undefined
  if (active?.matches('select, input') || part.querySelector('details[data-menu][open]')) {
    part.dataset.later = html
    return
  }
  const focusable = (root) => [...root.querySelectorAll('a, button, summary')]
  const at = active ? focusable(part).indexOf(active) : -1
  const id = active?.id
  part.innerHTML = html
  if (active) ((id && byId(id)) || focusable(part)[at])?.focus()
}
/** Replaces those marked parts of a region that changed, each by itself, so that one in use does not hold up others. */
export function replaceParts(region, html) {
  const holder = document.createElement('template')
  holder.innerHTML = html
  for (const fresh of holder.content.querySelectorAll('[data-part]')) {
    const old = region.querySelector(`[data-part="${fresh.dataset.part}"]`)
    if (old && old.innerHTML !== fresh.innerHTML) replaceInside(old, fresh.innerHTML)
  }
}
for (const kind of ['focusout', 'toggle'])
  document.addEventListener(
    kind,
    (event) => {
      const part = event.target.closest?.('[data-later]')
      if (!part) return
      setTimeout(() => {
        const html = part.dataset.later
        delete part.dataset.later
        if (html !== undefined) replaceInside(part, html)
      }, 0)
    },
    true,
  )
