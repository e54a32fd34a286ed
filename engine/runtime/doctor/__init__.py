"""The doctor: looks at everything an installation rests on, and says what to do about what is not as it should be."""
