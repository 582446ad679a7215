"""Real processes on PostgreSQL and Redis, started as the Procfile says."""
