"""The gettext workflow: what templates say, written for translators, and what comes back from them."""
