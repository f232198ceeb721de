"""gunicorn's entry: `adapter.wsgi:app`."""

from adapter.app import create_app
from adapter.logs import set_up_logs
from adapter.parts import open_parts
from adapter.settings import check_for_serving, read_settings

settings = read_settings()
check_for_serving(settings)
set_up_logs(settings.log_level)
app = create_app(open_parts(settings))
