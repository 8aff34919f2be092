"""What the three services share: settings, the door to the database, the broker, Stripe, logs."""
