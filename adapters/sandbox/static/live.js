// Live updates: the server sends ready parts, this puts them in place.
import { showForm } from './forms.js'
import { announce, byId, calm, replaceInside, replaceParts } from './shared.js'

const main = document.getElementById('main-content')
const scroller = { timeline: byId('sb-scroll'), thread: byId('sb-thread-scroll') }
const nearEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 120
function toEnd(box, smooth) {
  box.scrollTo({ top: box.scrollHeight, behavior: smooth && !calm ? 'smooth' : 'instant' })
}

function putItem({ id, list, html, isNew, mine, announce: words }) {
  const place = byId(`sb-${list}`)
  if (!place) return
  const holder = document.createElement('template')
  holder.innerHTML = html.trim()
  const fresh = holder.content.firstElementChild
  const old = byId(id)
  const box = scroller[list]
  const follow = mine || nearEnd(box)
  if (old) {
    const active = old.contains(document.activeElement)
    old.replaceWith(fresh)
    if (active) fresh.querySelector('summary, a, button')?.focus()
  } else if (isNew && !(list === 'timeline' && main.dataset.past)) {
    fresh.classList.add('sb-item--fresh')
    place.append(fresh)
  } else return
  if (follow) toEnd(box, false)
  else if (isNew && list === 'timeline') byId('sb-jump').hidden = false
  announce(words)
}

function putGroups(html) {
  const list = byId('sb-groups').querySelector('.sb-group-list')
  const at = [...list.querySelectorAll('a')].indexOf(document.activeElement)
  list.outerHTML = html
  const now = byId('sb-groups').querySelector('.sb-group-list')
  if (at >= 0) now.querySelectorAll('a')[at]?.focus()
  const unread = Number(now.dataset.unread)
  byId('sb-groups-count').innerHTML =
    unread > 0
      ? ` <span class="sb-unread">${unread}<span class="govuk-visually-hidden"> unread</span></span>`
      : ''
}

const box = scroller.timeline
if (box) {
  const target = byId(location.hash.slice(1))
  const newLine = box.querySelector('.sb-new-line')
  if (target?.matches('.sb-item')) target.scrollIntoView({ block: 'center' })
  else if (newLine) newLine.scrollIntoView({ block: 'start' })
  else if (!main.dataset.past) toEnd(box, false)
  box.addEventListener('scroll', () => {
    if (nearEnd(box)) byId('sb-jump').hidden = true
  })
  byId('sb-jump').addEventListener('click', () => {
    toEnd(box, true)
    byId('sb-jump').hidden = true
    box.focus()
  })
  if (scroller.thread) toEnd(scroller.thread, false)

  connect(false)
}

/** Opens the line to the program, and again when it is lost: a program that is just stopping refuses it for good. */
function connect(again) {
  const thread = main.dataset.thread
  const query = thread ? `?thread=${encodeURIComponent(thread)}` : ''
  const source = new EventSource(`${main.dataset.base}/events${query}`)
  const on = (name, take) => source.addEventListener(name, (event) => take(JSON.parse(event.data)))
  on('item', putItem)
  on('groups', ({ html }) => putGroups(html))
  on('members', ({ html }) => {
    replaceInside(byId('sb-members'), html)
  })
  on('count', ({ members }) => {
    const count = byId('sb-member-count')
    if (count) count.textContent = members
    const word = byId('sb-member-word')
    if (word) word.textContent = members === 1 ? '\u00a0member' : '\u00a0members'
  })
  on('status', ({ html }) => replaceParts(byId('sb-status'), html))
  on('form', ({ html }) => showForm(html))
  let broken = again
  source.addEventListener('error', () => {
    broken = true
    if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(true), 1500)
  })
  on('here', ({ last }) => {
    // Lost for a while, or something was said between the drawing of the page and now.
    if (broken || last > Number(main.dataset.last)) catchUp()
    broken = false
  })
}

/** Takes up what was said while the line was down, and keeps what has come since the page was asked for. */
async function catchUp() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html')
  for (const name of ['sb-timeline', 'sb-thread']) {
    const fresh = page.getElementById(name)
    const list = byId(name)
    if (!fresh || !list) continue
    const last = Math.max(0, ...[...fresh.children].map((item) => Number(item.dataset.line)))
    const newer = [...list.children].filter((item) => Number(item.dataset.line) > last)
    list.replaceChildren(...fresh.children, ...newer)
  }
}
