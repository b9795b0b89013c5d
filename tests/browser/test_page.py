# SPDX-License-Identifier: MIT
"""A person with a browser: sign in, search as you type, add, edit, delete, import."""
import os
import pathlib
import tempfile

import pytest

webdriver = pytest.importorskip("selenium.webdriver")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

pytestmark = pytest.mark.browser
PASSWORD = "a good long password"
SHOTS = os.environ.get("RECORDD_SCREENSHOTS")


@pytest.fixture
def browser():
    profile = tempfile.TemporaryDirectory(prefix="recordd-chromium-")
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    options.accept_insecure_certs = True
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
                 "--disable-background-networking", "--disable-component-update", "--window-size=1280,900",
                 f"--user-data-dir={profile.name}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=webdriver.chrome.service.Service("/usr/bin/chromedriver"), options=options)
    driver.set_page_load_timeout(60)
    yield driver
    driver.quit()
    profile.cleanup()


def until(driver, condition, seconds=20):
    return WebDriverWait(driver, seconds).until(lambda _: condition())


def one(driver, selector):
    return driver.find_element(By.CSS_SELECTOR, selector)


def rows(driver):
    # in one step: the list is replaced while somebody types
    return driver.execute_script("return [...document.querySelectorAll('#rows tr')].map((row) => row.innerText)")


def open_first(driver):
    driver.execute_script("document.querySelector('#rows tr').click()")


def shoot(driver, name):
    if SHOTS:
        driver.save_screenshot(str(pathlib.Path(SHOTS) / f"{name}.png"))


def sign_in(driver, server, email):
    driver.get(f"https://localhost:{server.port}/")
    until(driver, lambda: one(driver, "#welcome").is_displayed())
    shoot(driver, "sign-in")
    one(driver, "[name=email]").send_keys(email)
    one(driver, "[name=password]").send_keys(PASSWORD + Keys.ENTER)
    until(driver, lambda: one(driver, "#collection").is_displayed())


def complaints(driver):
    return [row["message"] for row in driver.get_log("browser") if row["level"] == "SEVERE" and "401" not in row["message"]]


def test_a_query_that_was_corrected_says_so(server, browser):
    token, _ = server.register("slip@example.org", PASSWORD)
    status, _, _ = server.request("POST", "/api/records", token, json={"artist": "Björk", "name": "Größe", "format": "LP"})
    assert status == 201
    sign_in(browser, server, "slip@example.org")
    until(browser, lambda: len(rows(browser)) == 1)
    one(browser, "#q").send_keys("grosze")
    until(browser, lambda: "Showing results for “grosse”." in one(browser, "#status").text and "Größe" in rows(browser)[0])
    one(browser, "#q").clear()
    one(browser, "#q").send_keys("grosse")
    until(browser, lambda: rows(browser) and "Showing results" not in one(browser, "#status").text)


def test_a_collector_signs_in_and_finds_adds_changes_and_deletes_a_record(server, browser):
    server.register("page@example.org", PASSWORD)
    sampled = server.run("sample", "--user", "page@example.org", "--n", "400", "--seed", "3")
    assert sampled.returncode == 0, sampled.stderr
    sign_in(browser, server, "page@example.org")
    until(browser, lambda: len(rows(browser)) == 100)
    shoot(browser, "collection")

    one(browser, "#add").click()
    until(browser, lambda: one(browser, "#editor").is_displayed())
    for name, text in (("artist", "Björk Ünïque"), ("name", "Selmasongs Zwölf"), ("format", "LP"), ("pricePaid", "12.50")):
        one(browser, f"#record-form [name={name}]").send_keys(text)
    one(browser, "#add-piece").click()
    shoot(browser, "editor")
    one(browser, "#record-form [type=submit]").click()
    until(browser, lambda: not one(browser, "#editor").is_displayed())

    one(browser, "#q").send_keys("bjork unique zwolf")
    until(browser, lambda: rows(browser) and "Selmasongs" in rows(browser)[0])
    shoot(browser, "search")

    open_first(browser)
    until(browser, lambda: one(browser, "#editor").is_displayed())
    name = one(browser, "#record-form [name=name]")
    name.clear()
    name.send_keys("Homogenic Dreizehn")
    one(browser, "#record-form [type=submit]").click()
    until(browser, lambda: not one(browser, "#editor").is_displayed())
    until(browser, lambda: "dreizehn" not in one(browser, "#q").get_attribute("value"))
    one(browser, "#q").clear()
    one(browser, "#q").send_keys("dreizehn")
    until(browser, lambda: rows(browser) and "Homogenic Dreizehn" in rows(browser)[0])

    open_first(browser)
    until(browser, lambda: one(browser, "#delete").is_displayed())
    one(browser, "#delete").click()
    until(browser, lambda: one(browser, "#toast button").is_displayed())
    until(browser, lambda: not rows(browser))
    one(browser, "#toast button").click()
    until(browser, lambda: rows(browser) and "Homogenic Dreizehn" in rows(browser)[0])
    assert complaints(browser) == []


def test_a_collector_stays_signed_in_over_a_reload_and_signs_out(server, browser):
    server.register("stay@example.org", PASSWORD)
    sign_in(browser, server, "stay@example.org")
    browser.refresh()
    until(browser, lambda: one(browser, "#collection").is_displayed())
    one(browser, "#sign-out").click()
    until(browser, lambda: one(browser, "#welcome").is_displayed())
    browser.refresh()
    until(browser, lambda: one(browser, "#welcome").is_displayed())


def test_a_collector_imports_a_file_first_as_a_trial(server, browser, tmp_path):
    server.register("import@example.org", PASSWORD)
    file = tmp_path / "mine.csv"
    file.write_text("artist,name,format,catalogNumber\nCan,Tago Mago,LP,UAS 29 211\nCan,Ege Bamyasi,LP,UAS 29 414\n,nameless,LP,\n")
    sign_in(browser, server, "import@example.org")
    one(browser, "#import").click()
    one(browser, "#import-form [name=file]").send_keys(str(file))
    one(browser, "#import-form [type=submit]").click()
    until(browser, lambda: "Dry run" in one(browser, "#import-result").text and "report" in one(browser, "#import-result").text)
    one(browser, "#import-form [type=submit]").click()
    until(browser, lambda: one(browser, "#import-result").text.startswith("3 rows"))
    shoot(browser, "import")
    one(browser, "#importer [data-close]").click()
    until(browser, lambda: len(rows(browser)) == 2)


def test_the_page_is_usable_on_a_phone(server, browser):
    server.register("phone@example.org", PASSWORD)
    server.run("sample", "--user", "phone@example.org", "--n", "30", "--seed", "5")
    browser.set_window_size(390, 844)
    sign_in(browser, server, "phone@example.org")
    until(browser, lambda: len(rows(browser)) == 30)
    shoot(browser, "phone")
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
