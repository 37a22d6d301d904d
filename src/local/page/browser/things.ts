import type { ThingState } from '../page-event.ts'
import { byId, element } from './element.ts'
import type { Model } from './model.ts'

const buttons = new Map<string, HTMLButtonElement>()

/** The buttons of "Things to try"; a switch shows whether it is on. */
export function showThings(place: HTMLElement, { setup }: Model): void {
  for (const thing of setup.things) {
    const button = buttons.get(thing.name) ?? added(place, thing)
    const pressed = thing.on === undefined ? undefined : String(thing.on)
    if (pressed !== undefined && button.getAttribute('aria-pressed') !== pressed)
      button.setAttribute('aria-pressed', pressed)
  }
}

function added(place: HTMLElement, { name, title, explanation }: ThingState): HTMLButtonElement {
  const button = element(
    'button',
    { type: 'button', 'data-thing': name, 'aria-describedby': `about-${name}` },
    element('b', {}, title),
    element('span', { id: `about-${name}` }, explanation),
  )
  button.addEventListener('click', () => void attempt(name))
  buttons.set(name, button)
  place.append(element('li', {}, button))
  return button
}

async function attempt(name: string): Promise<void> {
  const response = await fetch(`/try/${name}`, { method: 'POST' })
  const { message } = (await response.json()) as { message: string }
  byId('tried').textContent = message
}
