"""Runs with Django loaded: the rows that useful jobs read and write."""

import django

if __name__ == "__main__":
    django.setup()
    from benchmarks.own.models import Page

    Page.objects.bulk_create(Page(pk=number, title=f"page {number}") for number in range(Page.KEPT))
