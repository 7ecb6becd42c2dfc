/** What does not fit its place can be read in full by pointing at it, wherever it stands. */

/** Of an element: how wide its text is and its place, what it says, the tip it has. */
export interface Cut {
  scrollWidth: number;
  clientWidth: number;
  textContent: string | null;
  title: string;
}

/** The tip that an element wants: its own words where they are cut, none where they fit; null where its tip is somebody else's. */
export function tipFor(node: Cut, given: boolean): string | null {
  if (given) return null;
  const tip = node.scrollWidth > node.clientWidth ? (node.textContent ?? '').trim() : '';
  return tip === node.title ? null : tip;
}

/** Once for the page. */
export function showCutText(root: Document): void {
  const ours = new WeakSet<Element>();
  root.addEventListener('pointerover', (event) => {
    const node = event.target instanceof Element ? event.target.closest<HTMLElement>('.ellipsis') : null;
    if (!node) return;
    const tip = tipFor(node, node.closest('[title]') !== null && !ours.has(node));
    if (tip === null) return;
    if (tip) {
      node.title = tip;
      ours.add(node);
    } else {
      node.removeAttribute('title');
      ours.delete(node);
    }
  });
}
