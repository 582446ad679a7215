"""``python -m tests.browser.accounts``: people for the tests to be, a new one for each part."""

PASSWORD = "a password"
PEOPLE = [f"person-{number}" for number in range(1, 100)]
OPERATOR = "operator"


def main() -> None:
    import django

    django.setup()
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User

    from tests.inviters import let_invite

    password = make_password(PASSWORD)
    User.objects.bulk_create(User(username=name, password=password) for name in PEOPLE)
    let_invite(*User.objects.all())
    User.objects.create(username=OPERATOR, password=password, is_staff=True, is_superuser=True)


if __name__ == "__main__":
    main()
