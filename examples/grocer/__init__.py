"""A grocer's year: baskets, campaigns and coupons of 2,469 households as Parcours events, and journeys for them."""
