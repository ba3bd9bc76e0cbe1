"""What imports refuses."""


class FileRefusedError(Exception):
    """A file that is no import, and will be none when it is read again."""


class FileGoneError(FileRefusedError):
    """A file that is there no longer."""


class FileReplacedError(FileRefusedError):
    """A file in whose place there is another, which has an import and a report of its own."""


class LineError(ValueError):
    """A line that holds no row."""
