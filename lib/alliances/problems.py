"""The one way in which this project says no."""


class DataProblem(ValueError):
    """Input that cannot be used; its text names every offender and says what to do.

    >>> str(DataProblem("deliveries.csv, row 3, column tiv: found -1, expected 0 or more."))
    'deliveries.csv, row 3, column tiv: found -1, expected 0 or more.'
    """
