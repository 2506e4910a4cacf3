"""The project before and after its first build, as for the tests of `tests/functional`."""

from built_projects import built, once, small, sources, yesterday

__all__ = ["built", "once", "small", "sources", "yesterday"]
