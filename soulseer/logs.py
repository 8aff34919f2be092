"""Structured logs for every process: one line per event, JSON or console, request id bound, secrets masked."""

from __future__ import annotations

import logging
import sys
from typing import Final, Literal

import structlog
from structlog.typing import EventDict, Processor

from soulseer.redaction import redact

LogFormat = Literal["json", "console"]
# Libraries that log each request, poll or job at INFO: their warnings are wanted, the rest is ours to say.
_QUIET: Final = ("httpx", "httpcore", "hpack", "stripe", "apscheduler", "uvicorn.access", "dramatiq")


def configure(service: str, *, log_format: LogFormat, level: str = "INFO") -> None:
    """Set up logging for this process, standard library included.

    Args:
        service: Name of the process (`webhooks`, `workers`), on every line.
        log_format: `json` for machines, `console` for people.
        level: Least level that is written, `DEBUG` to `CRITICAL`.
    """
    # Exceptions become text before redaction, so that a secret inside a message or a traceback is masked.
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _name_service(service),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(sort_keys=True)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _name_service(service: str) -> Processor:
    # A processor rather than a bound variable: worker threads do not inherit the main thread's context.
    def add(_logger: object, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return add


def get(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module.

    Args:
        name: The module's `__name__`.
    """
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def note(**names: object) -> None:
    """Add values to the lines that the running request or job still writes, such as the one that tells its end.

    Args:
        names: The values.
    """
    structlog.contextvars.bind_contextvars(**names)
