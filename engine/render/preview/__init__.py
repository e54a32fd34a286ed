"""Every message as it will look, before anything is sent: rendered for made-up customers, on one page."""
