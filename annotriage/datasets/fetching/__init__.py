"""Fetch real images from their sources, by the sources' own clients, and unpack what comes packed.

Those clients (``isic-cli``, ``gdown``) are not in the light install: ``pip install "annotriage[fetch]"``.
"""
