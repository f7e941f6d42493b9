"""What a worker found in an app, and what became of a function that ran."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.worker.messages import Data, Http, Invoked, Level, Log


@dataclass(frozen=True, slots=True)
class Function:
    """A function as the worker found it, with its bindings as the host is told them."""

    name: str
    id: str
    bindings: tuple[Mapping[str, object], ...]

    @property
    def trigger(self) -> Mapping[str, object]:
        return next(binding for binding in self.bindings if str(binding["type"]).endswith("Trigger"))


@dataclass(frozen=True, slots=True)
class Invocation:
    """How a function went: what it returned or why it failed, what it put out, what was logged for it, how long."""

    function: str
    succeeded: bool
    error: str
    stack: str
    returned: Data
    outputs: Mapping[str, Data]
    logs: tuple[Log, ...]
    took_s: float

    @classmethod
    def of(cls, function: str, done: Invoked, logs: tuple[Log, ...], took_s: float) -> "Invocation":
        return cls(
            function,
            succeeded=done.result.status == "Success",
            error=done.result.exception.message,
            stack=done.result.exception.stack_trace,
            returned=done.return_value,
            outputs={binding.name: binding.data for binding in done.output_data},
            logs=logs,
            took_s=took_s,
        )

    @property
    def http(self) -> Http:
        """The answer of a function that answers."""
        assert self.returned.http is not None, f"{self.function} did not answer: {self.error or self.returned}"
        return self.returned.http

    @property
    def status(self) -> int:
        return int(self.http.status_code)

    @property
    def body(self) -> bytes:
        body = self.http.body or Data()
        return body.raw if body.raw is not None else (body.string or "").encode()

    def said(self, message: str) -> list[dict[str, str]]:
        """Return the fields of each line of the log that says this, alone or with its fields spelled behind it."""
        return [log.fields for log in self.logs if log.message.partition(" {")[0] == message]

    @property
    def loud(self) -> list[str]:
        """The lines of the log that are warnings or worse."""
        return [log.message for log in self.logs if log.level in {Level.WARNING, Level.ERROR, Level.CRITICAL}]
