"""The errors that users meet: one small tree, with messages that say what, where and what to do."""

from __future__ import annotations


class PlannerError(Exception):
    """Anything the planner can explain to its user in one line."""


class InputError(PlannerError):
    """Bad input: a value, a key or a file that does not say what it must say (exit code 2)."""


class QuantityError(InputError):
    """A text that is not a quantity of the expected kind."""


class FileError(InputError):
    """A file that is missing, unreadable, too large or not what its name says."""


class ProtectedFileError(FileError):
    """A file whose permissions say that it should not be written; nothing was replaced."""


class ProfileError(InputError):
    """A profile that is invalid, missing or refers to one that is."""


class PlanError(InputError):
    """A plan that is invalid or lacks what the question needs."""


class OutOfRangeError(InputError):
    """A number outside the range in which an equation means anything."""


class ConflictError(PlannerError):
    """A file changed on disk since it was opened; nothing was overwritten."""


class InfeasibleError(PlannerError):
    """Nothing that was asked for can be had (exit code 1)."""
