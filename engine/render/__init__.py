"""From a message's blocks of meaning to the parts each channel needs, in the customer's language."""
