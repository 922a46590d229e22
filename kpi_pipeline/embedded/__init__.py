"""What a first start needs: an embedded PostgreSQL and the demo shop."""
