"""`python -m annotriage`."""

from annotriage.program import main

if __name__ == "__main__":
    main()
