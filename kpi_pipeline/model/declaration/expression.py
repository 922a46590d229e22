"""SQL expressions from YAML: parsed, held to an allowed list, and written anew.

Nothing a person wrote reaches a database as text: the expression is parsed by sqlglot, each
node must be on the list below, and what is stored is sqlglot's own rendering of the tree with
every identifier quoted.
"""

from functools import lru_cache

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

_ALLOWED: tuple[type[exp.Expr], ...] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Tuple,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Is,
    exp.And, exp.Or, exp.Not, exp.Like, exp.ILike,
    exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Abs, exp.Round, exp.Ceil, exp.Floor,
    exp.Lower, exp.Upper, exp.Length, exp.Trim, exp.Greatest, exp.Least, exp.DPipe,
)  # fmt: skip
_LONGEST = 2000
_DEEPEST = 200


def parse_expression(text: str) -> str:
    """Check an expression and return it in canonical PostgreSQL form.

    Raises:
        ValueError: It is not one expression over columns, literals, arithmetic, comparison and
            the allowed functions.

    >>> parse_expression("amount * 2")
    '"amount" * 2'
    """
    if len(text) > _LONGEST or "\x00" in text:
        raise ValueError(f"an expression has at most {_LONGEST} characters, none of them NUL")
    try:
        tree = _parse_one(text)
        for node in tree.walk():
            _check(node)
        # Comments would change the definition's hash, and with it fold all of history again.
        return tree.sql(dialect="postgres", identify=True, comments=False)
    except RecursionError:
        raise ValueError("the expression is nested too deeply") from None


@lru_cache(maxsize=1024)
def columns_of(canonical: str) -> frozenset[str]:
    """The columns that a canonical expression reads."""
    return frozenset(column.name for column in _parse_one(canonical).find_all(exp.Column))


def _parse_one(text: str) -> exp.Expr:
    try:
        trees = parse(text, dialect="postgres")
    except SqlglotError as error:
        first = str(error).splitlines()[0] if str(error) else ""
        # Some of its messages name classes of its own, which help nobody.
        said = "" if "<class" in first or not first else f": {_plain(first)}"
        raise ValueError(f"{text!r} is not an SQL expression{said}") from None
    if len(trees) != 1 or trees[0] is None:
        raise ValueError(f"{text!r} is not one SQL expression")
    return trees[0]


def _plain(message: str) -> str:
    """Sqlglot underlines with terminal escapes; a log or a web page shows them as noise."""
    return message.replace("\x1b[4m", "").replace("\x1b[0m", "")


def _check(node: exp.Expr) -> None:
    if node.depth > _DEEPEST:
        raise ValueError("the expression is nested too deeply")
    if not isinstance(node, _ALLOWED):
        raise ValueError(
            f"{node.sql(dialect='postgres')!r} is not allowed; use columns, literals, arithmetic, "
            "comparisons, CASE, COALESCE, NULLIF, ABS, ROUND, LOWER, UPPER and the like"
        )
    if isinstance(node, exp.Column) and node.table:
        raise ValueError(f"{node.sql()!r} names a table; write the column alone")
    if isinstance(node, exp.Identifier):
        if not node.name:
            raise ValueError("a column has an empty name")
        if not node.args.get("quoted"):  # as PostgreSQL reads a name without quotes
            node.set("this", node.name.lower())
