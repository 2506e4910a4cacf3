"""The project before and after its first build, and copies of it to change."""

from built_projects import assert_refused, built, early, once, project, small, sources, yesterday

__all__ = ["assert_refused", "built", "early", "once", "project", "small", "sources", "yesterday"]
