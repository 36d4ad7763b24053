"""From a fetched page to an article: title, text, authors, date, language, canonical URL.

A page passes, once: ``encodings`` (bytes to text), ``tree`` (text to one parsed tree), ``evidence``
(what the page says about itself, in one walk), ``metadata`` with ``titles``, ``authors``, ``dates``
(the best of that evidence), ``body`` (trafilatura and what a news pipeline knows around it),
``refusal`` (what is no article), ``article`` (all of it together). ``pool`` runs it in processes
that may die; ``hosts`` drops what repeats across the pages of one host.
"""
