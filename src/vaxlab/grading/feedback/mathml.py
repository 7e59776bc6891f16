"""Formulas of a notebook as MathML, which browsers draw without a program.

Only what the course's formulas use. A formula that holds anything else stays in its own notation.
"""

from __future__ import annotations

import itertools
import re
from html import escape


def _named(pairs: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in pairs.split())


_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|[A-Za-z]|\s+|.", re.DOTALL)
_ACCENTS = {"hat": "^", "bar": "¯", "overline": "¯", "tilde": "~", "vec": "→", "dot": "˙"}
_WORDS = {"max", "min", "log", "ln", "exp", "sin", "cos", "tan", "var", "lim", "det"}
_SYMBOLS = _named(
    "cdot:· times:× pm:± le:≤ leq:≤ ge:≥ geq:≥ ne:≠ neq:≠ approx:≈ sim:∼ to:→ leftarrow:← in:∈ "
    "mid:∣ sum:∑ prod:∏ int:∫ infty:∞ partial:∂ ldots:… dots:… cdots:⋯ ll:≪ gg:≫ propto:∝ "
    "nabla:∇ lceil:⌈ rceil:⌉ lfloor:⌊ rfloor:⌋ top:⊤ lVert:‖ rVert:‖ lvert:| rvert:|"
)
_LETTERS = _named(
    "alpha:α beta:β gamma:γ delta:δ epsilon:ϵ varepsilon:ε eta:η theta:θ kappa:κ lambda:λ mu:μ "
    "nu:ν xi:ξ pi:π rho:ρ sigma:σ tau:τ phi:ϕ varphi:φ chi:χ psi:ψ omega:ω ell:ℓ Gamma:Γ Delta:Δ "
    "Theta:Θ Lambda:Λ Sigma:Σ Phi:Φ Psi:Ψ Omega:Ω"
)
#: In em.
_SPACES = {",": 0.17, ":": 0.22, ";": 0.28, " ": 0.25, "quad": 1, "qquad": 2}
_ESCAPED = set("{}%$&#_")


class Unknown(ValueError):
    """A formula holds something that is not known here."""


def html(formula: str, *, block: bool = False) -> str:
    """Write a formula for a page.

    Parameters
    ----------
    formula : str
        Without the dollar signs around it.
    block : bool
        Whether it stands on a line of its own.

    Returns
    -------
    str
        MathML; where the formula holds something unknown, its own notation as code.
    """
    try:
        inner = _Reader(formula).row()
    except (Unknown, RecursionError):
        return f"<code>{escape(formula.strip())}</code>"
    display = ' display="block"' if block else ""
    return f"<math{display}>{inner}</math>"


class _Reader:
    """Reads a formula from left to right."""

    def __init__(self, formula: str) -> None:
        self.tokens = [token for token in _TOKEN.findall(formula) if not token.isspace()]

    def row(self, end: str = "") -> str:
        """Read up to `end`, or to the end of the formula."""
        parts = []
        while self.tokens and self.tokens[0] != end:
            parts.append(self.scripted())
        if end and not self.tokens:
            raise Unknown(f"no {end}")
        if end:
            self.tokens.pop(0)
        return f"<mrow>{''.join(parts)}</mrow>"

    def scripted(self) -> str:
        """Read one thing with what hangs below and above it."""
        base, scripts = self.atom(), {}
        if primes := len(list(itertools.takewhile("'".__eq__, self.tokens))):
            del self.tokens[:primes]
            scripts["^"] = f"<mo>{'′' * primes}</mo>"
        while self.tokens and self.tokens[0] in ("_", "^"):
            sign = self.tokens.pop(0)
            scripts[sign] = self.atom()
        if len(scripts) == 2:
            return f"<msubsup>{base}{scripts['_']}{scripts['^']}</msubsup>"
        for sign, tag in (("_", "msub"), ("^", "msup")):
            if sign in scripts:
                return f"<{tag}>{base}{scripts[sign]}</{tag}>"
        return base

    def atom(self) -> str:
        """Read one thing."""
        token = self.tokens.pop(0) if self.tokens else ""
        if token == "{":
            return self.row("}")
        if token.startswith("\\"):
            return self.command(token[1:])
        if token[:1].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{token}</mi>"
        if token in ("", "}", "_", "^", "&", "#", "%", "$"):
            raise Unknown(token)
        return f"<mo>{escape(token)}</mo>"

    def argument(self) -> str:
        """Read what a command takes: one thing, and of a number only its first digit."""
        if self.tokens and self.tokens[0][:1].isdigit():
            digit, rest = self.tokens[0][0], self.tokens[0][1:]
            self.tokens[:1] = [digit, rest] if rest else [digit]
        return self.atom()

    def command(self, name: str) -> str:
        """Read what stands behind a backslash."""
        if name in ("frac", "tfrac"):
            small = ' displaystyle="false"' if name == "tfrac" else ""
            return f"<mfrac{small}>{self.argument()}{self.argument()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.atom()}</msqrt>"
        if name in _ACCENTS:
            return f'<mover accent="true">{self.atom()}<mo>{_ACCENTS[name]}</mo></mover>'
        if name in ("text", "mathrm", "operatorname"):
            return f'<mi mathvariant="normal">{self.words()}</mi>'
        if name in ("left", "right"):
            token = self.tokens.pop(0) if self.tokens else ""
            return "" if token == "." else f"<mo>{escape(token.removeprefix(chr(92)))}</mo>"
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}em"></mspace>'
        for table, tag in ((_SYMBOLS, "mo"), (_LETTERS, "mi")):
            if name in table:
                return f"<{tag}>{table[name]}</{tag}>"
        if name in _WORDS:
            return f'<mi mathvariant="normal">{name}</mi>'
        if name in _ESCAPED:
            return f"<mo>{escape(name)}</mo>"
        raise Unknown(name)

    def words(self) -> str:
        """Read plain words in braces."""
        if not self.tokens or self.tokens.pop(0) != "{":
            raise Unknown("words without braces")
        found = []
        while self.tokens and self.tokens[0] != "}":
            found.append(self.tokens.pop(0))
        if not self.tokens or any(token.startswith(("\\", "{")) for token in found):
            raise Unknown("words that are no words")
        self.tokens.pop(0)
        return escape("".join(found))
