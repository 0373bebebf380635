"""Commands that judge runs again, and that hold a judge against labels."""
