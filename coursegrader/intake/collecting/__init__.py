"""Who handed in what, says the platform's own download?"""
