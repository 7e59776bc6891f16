"""What axe-core finds on a page: broken rules of WCAG 2.1, levels A and AA."""

from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# Each rule that is broken, with the elements that break it. Style sheets are not read anew: from a
# disk no program may.
VIOLATIONS = """
([where, rules]) => axe.run(where, {runOnly: rules, preload: false, resultTypes: ["violations"]})
  .then(found => found.violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id}: ${node.html}`)))
"""


def violations(page: Page, axe: str, within: str = "html", but: str = "") -> list[str]:
    """Return the rules that are broken `within` a selector, `but` not in another.

    `axe` is the program, as the fixture of that name gives it.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe)
    where = {"include": [within]} | ({"exclude": [but]} if but else {})
    assert page.locator(within).count()
    return page.evaluate(VIOLATIONS, [where, WCAG])
