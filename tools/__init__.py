"""What prepares the project: nothing in here is deployed."""
