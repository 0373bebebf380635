"""What callers are made of: traits in numbers, and goals with facts."""
