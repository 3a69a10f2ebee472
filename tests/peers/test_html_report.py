"""The HTML report in a browser: it filters, sorts and links, reads without its script, and loads nothing.

The browser is Debian's Chromium, driven through its own driver. Pages are of ledgers that a real run left; those with
hostile names, and those of ten thousand accounts, are of a ledger whose lines were changed.
"""

import base64
import copy
import json
import pathlib
import time

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

import report_page
import servers

PICTURES = servers.REPOSITORY / "target" / "report-pictures"
HOSTILE = [
    "<script>document.title='owned'</script>",
    "</script><script>document.title='owned'</script>",
    "<img src=http://127.0.0.1:1/x onerror=\"document.title='owned'\">",
    "\" onmouseover=\"alert('owned')",
    "' autofocus onfocus='alert(1)",
    "\u202egnihtemos\u202c",
    "متجر الرياض",
    "x" * 50,
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    directory = tmp_path_factory.mktemp("page")
    report_page.leave_runs(directory)
    return directory


@pytest.fixture(scope="module")
def last_ledger(place):
    return sorted((place / ".rolecall").glob("*.jsonl"))[-1]


def browser(scripts=True, dark=False, width=1440, height=900):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", f"--window-size={width},{height}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    if dark:
        feature = {"name": "prefers-color-scheme", "value": "dark"}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    # The window may not be as narrow as the page is to be.
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    return driver


@pytest.fixture(scope="module")
def driver():
    driver = browser()
    yield driver
    driver.quit()


@pytest.fixture
def page(driver, place):
    """The page anew, without anything that was asked of it before."""
    driver.get("about:blank")
    driver.get((place / "report.html").as_uri())
    return driver


def shown(driver):
    """The accounts that can be seen in the table, from top to bottom."""
    script = """return Array.from(document.querySelectorAll("table.accounts tbody tr"))
        .filter((row) => row.offsetParent !== null).map((row) => row.id.slice(2))"""
    return driver.execute_script(script)


def select(driver, name, value):
    Select(driver.find_element(By.CSS_SELECTOR, f"form.filters [name={name}]")).select_by_value(value)


def render(directory, lines, name):
    """Writes a ledger of these lines, and gives the page of it that the real binary makes."""
    ledger = directory / f"{name}.jsonl"
    ledger.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    finished = servers.rolecall(
        "report", str(ledger), "--report", f"{name}.html", access_key="none", directory=directory
    )
    assert (directory / f"{name}.html").exists(), finished.stderr
    return directory / f"{name}.html"


def lines_of(ledger):
    return [json.loads(line) for line in ledger.read_text().splitlines()]


def test_filters_narrow_the_table_and_say_how_far(page):
    everybody = shown(page)
    assert len(everybody) == 64
    select(page, "status", "failed")
    assert sorted(shown(page)) == sorted(report_page.KEPT_OUT)
    assert page.find_element(By.CSS_SELECTOR, ".filters output").text == "2 of 64 accounts"
    select(page, "status", "")
    select(page, "ou", "Workloads/Prod/Retail")
    assert "222200003122" in shown(page), "a unit is shown with those below it"
    assert "222200003201" not in shown(page)
    page.find_element(By.NAME, "q").send_keys("administratoraccess")
    assert sorted(shown(page)) == ["222200003103", "222200003104"]
    page.find_element(By.CSS_SELECTOR, ".filters [type=reset]").click()
    assert shown(page) == everybody


def test_a_filter_that_fits_nobody_says_so(page):
    page.find_element(By.NAME, "q").send_keys("no such account")
    assert shown(page) == []
    assert page.find_element(By.CSS_SELECTOR, ".none").is_displayed()
    page.find_element(By.CSS_SELECTOR, ".none button").click()
    assert len(shown(page)) == 64


def test_links_into_the_page_show_what_they_name(driver, place):
    address = (place / "report.html").as_uri()
    for fragment, expected in [
        ("status=failed", sorted(report_page.KEPT_OUT)),
        ("status=finding&ou=Workloads%2FProd&q=payments", ["222200003103"]),
        ("cause=stranger-admitted", ["222200004002"]),
        ("status=nonsense", []),
    ]:
        driver.get("about:blank")
        driver.get(f"{address}#{fragment}")
        assert sorted(shown(driver)) == expected, fragment
    driver.get("about:blank")
    driver.get(f"{address}#a-222200003122")
    assert driver.find_element(By.CSS_SELECTOR, "#a-222200003122 details").get_attribute("open")


def test_the_back_button_takes_a_choice_back(page):
    select(page, "status", "finding")
    findings = shown(page)
    select(page, "ou", "Sandbox")
    assert shown(page) == ["222200006009"]
    page.back()
    WebDriverWait(page, 10).until(lambda page: shown(page) == findings)
    page.back()
    WebDriverWait(page, 10).until(lambda page: len(shown(page)) == 64)
    page.forward()
    WebDriverWait(page, 10).until(lambda page: shown(page) == findings)


def test_columns_sort_both_ways_and_say_which(page):
    heads = page.find_elements(By.CSS_SELECTOR, "table.accounts thead th")
    heads[1].find_element(By.TAG_NAME, "button").click()
    assert shown(page) == sorted(shown(page))
    assert [head.get_attribute("aria-sort") for head in heads[:2]] == [None, "ascending"]
    heads[1].find_element(By.TAG_NAME, "button").click()
    assert shown(page) == sorted(shown(page), reverse=True)
    assert heads[1].get_attribute("aria-sort") == "descending"
    heads[0].find_element(By.TAG_NAME, "button").click()
    assert sorted(shown(page)[:2]) == sorted(report_page.KEPT_OUT), "the worst first"


def test_evidence_unfolds(page):
    row = page.find_element(By.ID, "a-222200003103")
    evidence = row.find_element(By.CSS_SELECTOR, ".ev")
    assert not evidence.is_displayed()
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", row)
    row.find_element(By.TAG_NAME, "summary").click()
    assert evidence.is_displayed()
    assert "AdministratorAccess" in evidence.text


def test_the_keyboard_alone_suffices(page):
    body = page.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    active = page.switch_to.active_element
    assert active.text == "Skip to the accounts"
    assert page.execute_script("return getComputedStyle(document.activeElement).outlineStyle") != "none"
    active.send_keys(Keys.ENTER, Keys.TAB)
    field = page.switch_to.active_element
    assert field.get_attribute("name") == "q", "the link leads to the filters"
    field.send_keys("payments-prod")
    assert shown(page) == ["222200003103"]
    for _ in range(20):
        page.switch_to.active_element.send_keys(Keys.TAB)
        if page.switch_to.active_element.tag_name == "summary":
            break
    page.switch_to.active_element.send_keys(Keys.ENTER)
    assert page.find_element(By.CSS_SELECTOR, "#a-222200003103 .ev").is_displayed()


def test_without_its_script_everything_can_be_read(place):
    driver = browser(scripts=False)
    try:
        driver.get((place / "report.html").as_uri())
        rows = driver.find_elements(By.CSS_SELECTOR, "table.accounts tbody tr")
        assert len(rows) == 64
        assert all(row.is_displayed() for row in rows)
        assert not driver.find_element(By.CSS_SELECTOR, "form.filters").is_displayed(), "nothing that does nothing"
        row = driver.find_element(By.ID, "a-222200003103")
        row.find_element(By.TAG_NAME, "summary").click()
        assert "AdministratorAccess" in row.text
        for section in ("action", "units", "drift", "timing", "history", "others", "proof", "made"):
            assert driver.find_element(By.ID, section).is_displayed(), section
    finally:
        driver.quit()


def test_nothing_is_asked_of_the_network_and_nothing_is_wrong(place):
    driver = browser()
    try:
        driver.get((place / "report.html").as_uri())
        select(driver, "status", "failed")
        copy_button = driver.find_element(By.CSS_SELECTOR, "button.copy")
        driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", copy_button)
        copy_button.click()
        WebDriverWait(driver, 10).until(lambda _: copy_button.text == "Copied")
        messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
        sent = [message for message in messages if message["method"] == "Network.requestWillBeSent"]
        urls = {message["params"]["request"]["url"].split("#")[0] for message in sent}
        assert urls == {(place / "report.html").as_uri()}
        assert driver.get_log("browser") == []
    finally:
        driver.quit()


def test_hostile_names_are_shown_and_do_nothing(driver, place, last_ledger, tmp_path):
    lines = lines_of(last_ledger)
    planned = next(line["event"]["run"]["planned"] for line in lines[1:] if "planned" in line["event"].get("run", {}))
    for account, name in zip(planned["accounts"], HOSTILE, strict=False):
        account.update(name=name, reason=name, organizational_unit=[name])
    path = render(tmp_path, lines, "hostile")
    driver.get("about:blank")
    driver.get_log("performance")
    driver.get(path.as_uri())
    assert len(shown(driver)) == 64
    assert "owned" not in driver.title
    texts = driver.execute_script(
        "return Array.from(document.querySelectorAll('.accounts td:nth-child(3)'), (td) => td.textContent)"
    )
    for name in HOSTILE:
        seen = name.replace("\u202e", "\\u{202e}").replace("\u202c", "\\u{202c}")
        assert seen in texts, name
        # A slash within the name of a unit is written with a backslash.
        choose = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', {bubbles: true}))"
        driver.execute_script(choose, driver.find_element(By.NAME, "ou"), seen.replace("/", "\\/"))
        assert len(shown(driver)) == 1, name
    assert len(driver.find_elements(By.TAG_NAME, "script")) == 1
    assert driver.find_elements(By.TAG_NAME, "img") == []
    sent = [
        entry
        for entry in driver.get_log("performance")
        if "127.0.0.1:1" in entry["message"] and "requestWillBeSent" in entry["message"]
    ]
    assert sent == []
    driver.execute_script("return 1")  # A dialog that is open would be in the way of this.


def test_ten_thousand_accounts_can_be_filtered(place, last_ledger, tmp_path):
    path = render(tmp_path, enlarged(lines_of(last_ledger), 10_000), "large")
    driver = browser()
    try:
        began = time.monotonic()
        driver.get(path.as_uri())
        loaded = time.monotonic()
        assert len(driver.find_elements(By.CSS_SELECTOR, "table.accounts tbody tr")) == 10_000
        began_filter = time.monotonic()
        driver.find_element(By.NAME, "q").send_keys("900000009876")
        assert shown(driver) == ["900000009876"]
        filtered = time.monotonic()
        # For a person to read (`pytest -s`): how long is asserted nowhere.
        print(
            f"10,000 accounts: {path.stat().st_size} bytes, {loaded - began:.2f} s to load, {filtered - began_filter:.2f} s to filter"
        )
    finally:
        driver.quit()


def enlarged(lines, size):
    """The same run in an organization with many more accounts like one that was verified."""
    model, lines = "222200006001", copy.deepcopy(lines)
    planned = next(line["event"]["run"]["planned"] for line in lines[1:] if "planned" in line["event"].get("run", {}))
    plan = next(account for account in planned["accounts"] if account["id"] == model)
    verdict = next(line for line in reversed(lines[1:]) if _verdict_of(line, model))
    others = [f"9{number:011}" for number in range(1, size - len(planned["accounts"]) + 1)]
    planned["accounts"] += [{**plan, "id": account, "name": f"shop-{account}"} for account in others]
    for account in others:
        line = copy.deepcopy(verdict)
        line["event"]["verify"]["account"]["account"] = account
        lines.insert(-2, line)
    deployed = [
        {
            "at": verdict["at"],
            "event": {"deploy": {"account": {"account": account, "deployment": {"status": "deployed"}}}},
        }
        for account in others
    ]
    return [*lines[:-2], *deployed, *lines[-2:]]


def _verdict_of(line, account):
    entry = line["event"].get("verify", {})
    return isinstance(entry, dict) and entry.get("account", {}).get("account") == account


def test_on_paper_it_is_not_empty(page):
    printed = page.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": False})
    data = base64.b64decode(printed["data"])
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / "report.pdf").write_bytes(data)
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") + data.count(b"/Type/Page/") >= 3


@pytest.mark.parametrize(
    ("name", "width", "dark"), [("wide", 1440, False), ("narrow", 390, False), ("dark", 1440, True)]
)
def test_pictures_for_a_person_to_look_at(place, name, width, dark):
    driver = browser(width=width, dark=dark)
    try:
        driver.get((place / "report.html").as_uri())
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width
        picture = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = pathlib.Path(PICTURES / f"report-{name}.png")
        path.write_bytes(base64.b64decode(picture["data"]))
        assert path.stat().st_size > 20_000
    finally:
        driver.quit()
