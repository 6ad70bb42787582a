"""`python -m course_utils doctor`."""

import sys


def main() -> int:
    """Run the one command there is."""
    if sys.argv[1:] != ["doctor"]:
        print("usage: python -m course_utils doctor    tells what machine this is, and what is wrong with it")
        return 2
    try:
        from . import doctor

        text, well = doctor.report()
    except ModuleNotFoundError as error:  # one without which the doctor himself cannot come
        print(f"PROBLEM: {error.name} is not installed\n   cure: make env, or pip install -r requirements.txt")
        return 1
    print(text)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
