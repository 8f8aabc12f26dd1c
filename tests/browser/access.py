"""What tests of accessibility ask of a page: its tab order, its focus, and what lies on what."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page


# Everything of a part that Tab should stop at, in the order of the document: of radio buttons the
# checked one, or the first of a group without one.
STOPS = """part => {
    const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
    const radios = new Map();
    const found = [...part.querySelectorAll(wanted)].filter(each => {
        if (each.disabled || each.tabIndex < 0 || !each.checkVisibility({visibilityProperty: true})) return false;
        if (each.type !== 'radio') return true;
        const group = [...part.querySelectorAll(`[type=radio][name="${each.name}"]`)];
        return each === (group.find(one => one.checked) || group[0]);
    });
    const look = each => {
        const style = getComputedStyle(each);
        return ['outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'borderColor'].map(name => style[name]).join();
    };
    window.wsStops = found.map(each => ({each, look: look(each)}));
    window.wsLook = look;
    return found.map(each => each.id || each.name || each.textContent.trim().slice(0, 40) || each.outerHTML.slice(0, 60));
}"""

# Which stop has the focus, whether that shows, and whether something else lies on top of it.
HERE = """async () => {
    const active = document.activeElement;
    const index = window.wsStops.findIndex(stop => stop.each === active);
    if (index < 0) return {index, seen: true, free: true};
    const own = one => one && (active.contains(one) || one.contains(active) || one.closest('label')?.control === active);
    const isFree = () => {
        const box = active.getBoundingClientRect();
        const points = [box.top + 3, (box.top + box.bottom) / 2, box.bottom - 3];
        return points.some(y => own(document.elementFromPoint((box.left + box.right) / 2, y)));
    };
    const isSeen = () => window.wsLook(active) !== window.wsStops[index].look;
    // The browser scrolls to what has the focus some frames later, and a ring may fade in.
    const end = performance.now() + 10000;
    while (!(isFree() && isSeen()) && performance.now() < end) await new Promise(requestAnimationFrame);
    return {index, seen: isSeen(), free: isFree()};
}"""


def open_all(page: Page, part: str) -> None:
    """Unfold everything in the parts of a page."""
    page.locator(f"{part} details").evaluate_all(
        "all => all.forEach(each => { each.open = true; })"
    )


def tab_through(page: Page, part: str) -> list[str]:
    """Tab from the beginning of a part out of its end; says what was wrong on the way."""
    region = page.locator(part).first
    stops = region.evaluate(STOPS)
    # From right before the part: Tab goes on from where a click or a focus last was.
    region.evaluate(
        "part => { const at = document.createElement('span'); at.tabIndex = -1;"
        " part.before(at); at.focus(); at.addEventListener('blur', () => at.remove()); }"
    )
    wrong, expected = [], 0
    for _press in range(len(stops) + 1):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here["index"] == -1:
            break
        wrong += _wrong(stops, expected, here)
        expected = here["index"] + 1
    else:
        wrong.append("Tab does not lead out of the part")
    if expected != len(stops):
        wrong.append(f"not reached: {stops[expected:]}")
    return wrong


def _wrong(stops: list[str], expected: int, here: dict[str, Any]) -> list[str]:
    name = stops[here["index"]]
    wrong = []
    if here["index"] != expected:
        wrong.append(f"{name} comes instead of {stops[expected : expected + 1]}")
    if not here["seen"]:
        wrong.append(f"the focus does not show on {name}")
    if not here["free"]:
        wrong.append(f"{name} is covered when it has the focus")
    return wrong


# Lines of text, and form controls, that lie on each other without one being part of the other.
OVERLAPS = """part => {
    const boxes = [];
    const cut = (box, around) => {
        for (; around && around !== part; around = around.parentElement) {
            if (getComputedStyle(around).overflowY === 'visible') continue;
            const edge = around.getBoundingClientRect();
            if (box.bottom > edge.bottom + 1 || box.top < edge.top - 1) return true;
        }
        return false;
    };
    const unseen = 'select, svg, [hidden], .w-sr-only, .visuallyhidden';
    const pass = node => node.nodeType === 1 && (node.matches(unseen) || !node.checkVisibility({visibilityProperty: true}))
        ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, pass);
    while (walker.nextNode()) {
        const node = walker.currentNode, parent = node.parentElement;
        if (node.nodeType === 1 || !node.data.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const box of range.getClientRects()) {
            if (!cut(box, parent)) boxes.push({box, owner: parent, text: node.data.trim()});
        }
    }
    for (const control of part.querySelectorAll('input:not([type=hidden]), select, textarea')) {
        if (control.checkVisibility()) boxes.push({box: control.getBoundingClientRect(), owner: control, text: control.name});
    }
    const found = [];
    boxes.sort((one, other) => one.box.top - other.box.top);
    boxes.forEach((one, index) => {
        for (const other of boxes.slice(index + 1)) {
            if (other.box.top > one.box.bottom - 4) break;
            if (one.owner === other.owner || one.owner.contains(other.owner) || other.owner.contains(one.owner)) continue;
            const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
            const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
            if (wide > 3 && high > 4) found.push(`${one.text.slice(0, 30)} / ${other.text.slice(0, 30)}`);
        }
    });
    return found;
}"""


def overlaps(page: Page, part: str) -> list[str]:
    """Texts and controls of a part that lie on each other."""
    # What the browser skips until it is scrolled to has no true place yet.
    page.add_style_tag(content="* { content-visibility: visible !important; }")
    found: list[str] = page.locator(part).first.evaluate(OVERLAPS)
    return found


# Codes that are not laid out from left to right on their own, whatever stands around them.
NOT_ISOLATED = """part => [...part.querySelectorAll('code, .ws-id')].filter(each => {
    const style = getComputedStyle(each);
    return !each.closest('bdi') && (style.direction !== 'ltr' || !style.unicodeBidi.startsWith('isolate'));
}).map(each => each.outerHTML.slice(0, 80))"""


def not_isolated(page: Page, part: str) -> list[str]:
    """Codes of a part that the language around them may turn round."""
    found: list[str] = page.locator(part).first.evaluate(NOT_ISOLATED)
    return found
