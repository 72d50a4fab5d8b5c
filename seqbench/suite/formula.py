"""Integer arithmetic over named parameters, for `benchmark.toml`: read once, evaluated safely, never `eval`."""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_LARGEST_EXPONENT = 64
_LARGEST_POWER_BITS = 4096
_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


class ArithmeticMistake(ValueError):  # noqa: N818 - it is a mistake in the text, not an error of the program
    """The text is not integer arithmetic over the parameters; the message says what is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """An integer expression such as `leaves * (leaves - 1) // 2`, with the names that it uses."""

    text: str
    names: frozenset[str]

    def value(self, parameters: Mapping[str, int]) -> int:
        """Evaluate for these parameters.

        Raises
        ------
        ArithmeticMistake
            An unknown name, a division by zero, too large a power, too deep a nesting.
        """
        try:
            return _value(ast.parse(self.text, mode="eval").body, parameters)
        except RecursionError:
            raise ArithmeticMistake(f"{self.text[:40]!r}... is too long or nested too deeply") from None


def parse_formula(text: str) -> Formula:
    """Read an expression made of integers, names, `+ - * // % **` and parentheses.

    Raises
    ------
    ArithmeticMistake
        Anything else stands in it.

    Examples
    --------
    >>> parse_formula("leaves * (leaves - 1) // 2").value({"leaves": 1_000_000})
    499999500000
    >>> parse_formula("open(leaves)")
    Traceback (most recent call last):
    seqbench.suite.formula.ArithmeticMistake: 'open(leaves)' holds more than integers, ...
    """
    try:
        body = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # the last two: nested too deeply
        raise ArithmeticMistake(f"{text!r} is not an expression") from error
    for node in ast.walk(body):
        if isinstance(node, ast.Constant) and type(node.value) is not int:
            raise ArithmeticMistake(f"{text!r} holds {node.value!r}, which is no integer")
        if not isinstance(node, _ALLOWED):
            raise ArithmeticMistake(
                f"{text!r} holds more than integers, parameters, parentheses and + - * // % ** ({type(node).__name__})"
            )
    return Formula(text=text, names=frozenset(node.id for node in ast.walk(body) if isinstance(node, ast.Name)))


_ALLOWED = (ast.BinOp, ast.UnaryOp, ast.USub, ast.Constant, ast.Name, ast.Load, *_OPERATORS)


def _value(node: ast.expr, parameters: Mapping[str, int]) -> int:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=name):
            if name not in parameters:
                raise ArithmeticMistake(f"unknown parameter {name!r}; there are {', '.join(parameters) or 'none'}")
            return parameters[name]
        case ast.UnaryOp(operand=operand):
            return -_value(operand, parameters)
        case ast.BinOp(left=left, op=op, right=right):
            first, second = _value(left, parameters), _value(right, parameters)
            if isinstance(op, ast.Pow) and not 0 <= second <= _LARGEST_EXPONENT:
                raise ArithmeticMistake(f"the exponent {second} is not between 0 and {_LARGEST_EXPONENT}")
            if isinstance(op, ast.Pow) and first.bit_length() * second > _LARGEST_POWER_BITS:
                raise ArithmeticMistake(f"a power to {second} is too large: more than {_LARGEST_POWER_BITS} bits")
            if isinstance(op, ast.FloorDiv | ast.Mod) and second == 0:
                raise ArithmeticMistake("division by zero")
            return _OPERATORS[type(op)](first, second)
        case _:
            raise ArithmeticMistake(f"{type(node).__name__} is no arithmetic")
