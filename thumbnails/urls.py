app_name = "thumbnails"
urlpatterns: list = []
